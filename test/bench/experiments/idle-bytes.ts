/** `idle.bytes`: what a session that does nothing costs in memory, beside a bare connection. Heap and buffers after a collection: what the
 *  kernel keeps per socket is the same on both sides and not in it. */
import type { IdleMethods } from '../baselines/idle.ts';
import type { Experiment } from '../experiment.ts';
import { WrongResult } from '../failure.ts';
import { startBaseline, startClient, startServer } from '../ticking.ts';

/** Connections that come and go first, so that what is made once is not counted. */
const FIRST = 200;

export const idleBytes: Experiment = {
  name: 'idle.bytes',
  async prepare(stage) {
    const count = stage.scale.idleSessions;
    const product = await startServer(stage);
    const client = startClient(stage);
    const token = await product.token('player', 'idle');
    const baseline = startBaseline<IdleMethods>(stage, 'idle.ts');
    const { url } = await baseline.call('start', {});
    const perConnection = async (target: { url: string; token?: string }, memory: () => Promise<number>) => {
      await client.call('openIdle', { target, count: FIRST });
      await client.call('closeIdle', {});
      await settled();
      const before = await memory();
      await client.call('openIdle', { target, count });
      await settled();
      const bytes = (await memory()) - before;
      await client.call('closeIdle', {});
      await settled();
      return { value: bytes / count, unit: 'bytes/connection' };
    };
    return {
      sides: [
        {
          name: 'photofinish',
          measure: () => perConnection({ url: product.url, token }, () => product.memory()),
        },
        {
          name: 'bare ws',
          measure: () => perConnection({ url }, () => baseline.call('memory', {})),
        },
      ],
      /** Nothing was acknowledged: only that no session stayed behind. */
      async check() {
        const text = await (await fetch(`${product.url}/metrics`)).text();
        const open = /^photofinish_gateway_sessions (\d+)/m.exec(text)?.[1];
        if (open !== '0')
          throw new WrongResult(`${open} sessions are open after all connections were closed`);
        return 0;
      },
    };
  },
};

/** Handshakes and closes are over on both ends. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));
