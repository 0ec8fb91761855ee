/** `fanout`: a board that changes all the time, told to a thousand subscribers, beside a loop of `ws.send`. Both send so often a second, so
 *  what differs is what a delivery costs: deliveries are counted per second of the server's processor time. The scores come in through a
 *  second server on the same stores: what ticks cost is measured elsewhere (`ack.single`), and the loop is given its text for nothing. */
import type { BroadcastMethods } from '../baselines/broadcast.ts';
import type { Experiment } from '../experiment.ts';
import { WrongResult } from '../failure.ts';
import { Movers } from '../movers.ts';
import { createSeason, TICKS_UNREFUSED } from '../season.ts';
import { startBaseline, startClient, startServer } from '../ticking.ts';

const BOARD = 'fanout';
/** Entries that every subscriber sees, all of them new each time. */
const LIMIT = 10;
/** The least that a server can be set to: fifty deliveries a second to each subscriber. */
const EVERY_MS = 20;

export const fanout: Experiment = {
  name: 'fanout',
  async prepare(stage) {
    const { scale } = stage;
    const { warmMs, measureMs } = scale;
    const product = await startServer(stage, { SUBSCRIPTION_INTERVAL_MS: String(EVERY_MS) });
    await createSeason(product, {
      ...{ id: BOARD, title: 'Fan-out', kind: 'open', operator: 'latest', ticks: TICKS_UNREFUSED },
    });
    const token = await product.token('server', 'bench');
    const entrance = await startServer(stage);
    const movers = await Movers.start(entrance.url, await entrance.token('server', 'movers'), {
      board: BOARD,
      players: LIMIT,
      everyMs: EVERY_MS,
    });
    stage.onEnd(() => movers.stop());
    const [ourClient, baseClient] = [startClient(stage), startClient(stage)];
    const request = JSON.stringify({ type: 'subscribe', id: 1, board: BOARD, limit: LIMIT });
    await ourClient.call('openAudience', {
      ...{ target: { url: product.url, token }, count: scale.subscribers, request },
    });
    const broadcast = startBaseline<BroadcastMethods>(stage, 'broadcast.ts');
    const { url } = await broadcast.call('start', {});
    await baseClient.call('openAudience', { target: { url }, count: scale.subscribers, request: undefined });
    let characters = 0;
    return {
      sides: [
        {
          name: 'photofinish',
          async measure() {
            movers.go();
            const window = { warmMs, measureMs, pids: { server: product.pid } };
            const heard = await ourClient.call('listen', { window });
            await movers.rest();
            characters = heard.characters;
            return delivered(heard);
          },
        },
        {
          name: 'ws.send loop',
          async measure() {
            await broadcast.call('begin', { everyMs: EVERY_MS, characters });
            const window = { warmMs, measureMs, pids: { server: broadcast.pid } };
            const heard = await baseClient.call('listen', { window });
            await broadcast.call('stop', {});
            return delivered(heard);
          },
        },
      ],
      check: async () => compare(await ourClient.call('lastWords', {}), movers.scores()),
    };
  },
};

interface Heard {
  answered: number;
  ms: number;
  cpuUs: Record<string, number>;
  clientShare: number;
  characters: number;
}

function delivered({ answered, ms, cpuUs, clientShare, characters }: Heard) {
  const serverUs = (cpuUs['server'] ?? 0) / Math.max(1, answered);
  return {
    ...{ value: 1_000_000 / serverUs, unit: 'deliveries/CPU s', serverUs, clientShare },
    note: `${Math.round((answered * 1_000) / ms)} deliveries/s of ${characters} characters`,
  };
}

/** The last delivery that each subscriber got says what the board said when it came to rest. */
function compare(lastWords: readonly string[], scores: ReadonlyMap<string, number>): number {
  const bodies = new Set(lastWords.map((words) => words.replace(/"subscription":\d+,/, '')));
  const [body] = bodies;
  if (bodies.size !== 1 || body === undefined)
    throw new WrongResult(`${lastWords.length} subscribers were told ${bodies.size} different things last`);
  const last = JSON.parse(body);
  for (const { player, score } of last.changed ?? last.entries)
    if (scores.get(player) !== score)
      throw new WrongResult(
        `subscribers see ${player} with ${score}; acknowledged was ${scores.get(player)}`,
      );
  return lastWords.length;
}
