/** A server in memory that keeps the protocol, or breaks it in one named way: the simulator must find it guilty of exactly that.
 *  Written with the domain's own order and operators, so that an honest run also proves that the simulator's books agree with them. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { combine, confirm, type Mark, type Operator, provision } from '@photofinish/shared/domain/entry';
import { compareEntries, type SortOrder } from '@photofinish/shared/domain/order';
import { type WebSocket, WebSocketServer } from 'ws';

export type Lie =
  | 'none'
  /** Acks every fifth tick of one player and does not keep it. */
  | 'forgets ticks'
  | 'breaks ties by player alone'
  | 'says the wrong time'
  | 'swaps two places in top'
  | 'banks the wrong score'
  | 'takes a contradiction'
  | 'calls no final a duplicate'
  | 'settles anew each time'
  /** Honest, but every connection is lost twice in the middle. */
  | 'loses connections';

interface Entry {
  confirmed: Mark | undefined;
  provisional: Mark | undefined;
  match: string;
  seqs: Map<string, number>;
}

// biome-ignore lint/suspicious/noExplicitAny: documents of all types, read field by field
type Doc = any;

export class StandIn {
  readonly #lie: Lie;
  readonly #rules: { operator: Operator; sortOrder: SortOrder; kind: 'match' };
  readonly #entries = new Map<string, Entry>();
  readonly #finals = new Map<string, number>();
  readonly #ended = new Set<string>();
  readonly #http = createServer((request, response) => this.#answerHttp(request, response));
  readonly #sockets = new WebSocketServer({
    server: this.#http,
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  #matches = 0;
  #ticks = 0;
  #settlements = 0;

  constructor(lie: Lie, operator: Operator, sortOrder: SortOrder) {
    this.#lie = lie;
    this.#rules = { operator, sortOrder, kind: 'match' };
    this.#sockets.on('connection', (socket, request) => this.#serve(socket, subOf(request)));
  }

  async start(): Promise<string> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, 'close');
  }

  #serve(socket: WebSocket, sub: string): void {
    socket.on('message', (data) => {
      const docs = String(data)
        .split('\n')
        .map((line) => JSON.parse(line) as Doc);
      const replies = docs.map((doc) => JSON.stringify({ id: doc.id, ...this.#answer(doc, sub) }));
      if (socket.readyState === socket.OPEN) socket.send(replies.join('\n'));
    });
  }

  #answer(doc: Doc, sub: string): object {
    switch (doc.type) {
      case 'match.start':
        return ok({ match: `m${++this.#matches}`, season: 's1', board: 'b' });
      case 'tick':
        return ok(this.#tick({ player: sub, ...doc }, doc.match, sub));
      case 'ticks':
        return ok({
          results: doc.ticks.map((tick: Doc) => ({
            player: tick.player,
            ...this.#tick(tick, doc.match, sub),
          })),
        });
      case 'final':
        return this.#final(doc, doc.match);
      case 'match.end': {
        this.#ended.add(doc.match);
        return ok({ finals: doc.finals.map((final: Doc) => this.#final(final, doc.match)) });
      }
      default:
        return ok({ source: 'live', epoch: 1, version: 1, ...this.#read(doc, sub) });
    }
  }

  #read(doc: Doc, sub: string): object {
    const all = this.#ranked();
    const total = all.length;
    if (doc.type === 'rank') {
      const players: string[] = doc.players ?? [sub];
      return {
        total,
        entries: players.map((player) => all.find((row) => row.player === player) ?? { player, rank: null }),
      };
    }
    if (doc.type === 'around') {
      const at = all.findIndex((row) => row.player === doc.player);
      return { total, entries: all.slice(Math.max(0, at - doc.above), at + doc.below + 1) };
    }
    const entries = all.slice(0, doc.limit);
    if (this.#lie === 'swaps two places in top' && entries[3] && entries[4])
      [entries[3], entries[4]] = [
        { ...entries[4], rank: 4 },
        { ...entries[3], rank: 5 },
      ];
    return { subscription: 1, season: 's1', state: 'open', total, entries };
  }

  #ranked() {
    const rows = [...this.#entries].flatMap(([player, { confirmed, provisional }]) => {
      const mark = combine(this.#rules, confirmed, provisional);
      return mark === undefined || mark === 'overflow' ? [] : [{ player, ...mark }];
    });
    rows.sort((a, b) =>
      this.#lie === 'breaks ties by player alone' && a.score === b.score
        ? compareEntries('desc', { ...a, achievedAt: 0 }, { ...b, achievedAt: 0 })
        : compareEntries(this.#rules.sortOrder, a, b),
    );
    const lateMs = this.#lie === 'says the wrong time' ? 60_000 : 0;
    return rows.map((row, i) => ({ ...row, achievedAt: row.achievedAt + lateMs, rank: i + 1 }));
  }

  #entry(player: string): Entry {
    const entry = this.#entries.get(player) ?? {
      confirmed: undefined,
      provisional: undefined,
      match: '',
      seqs: new Map(),
    };
    this.#entries.set(player, entry);
    return entry;
  }

  #tick(tick: Doc, match: string, writer: string): object {
    const entry = this.#entry(tick.player);
    const repeat = tick.seq <= (entry.seqs.get(writer) ?? 0);
    this.#ticks += 1;
    const forgotten = this.#lie === 'forgets ticks' && tick.player.endsWith('3') && this.#ticks % 5 === 0;
    if (!repeat && !forgotten) {
      entry.seqs.set(writer, tick.seq);
      const before = entry.match === match ? entry.provisional : undefined;
      entry.match = match;
      entry.provisional = provision(this.#rules, before, { ...tick, at: Date.now() }) as Mark;
    }
    const dropAt = this.#lie === 'loses connections' ? [60, 140] : [];
    if (dropAt.includes(this.#ticks)) for (const socket of this.#sockets.clients) socket.terminate();
    return { rank: 1, score: 0, improved: true, ...(repeat ? { repeat } : {}) };
  }

  #final({ player, score }: Doc, match: string): object {
    const key = `${match} ${player}`;
    const before = this.#finals.get(key);
    if (before !== undefined && before !== score && this.#lie !== 'takes a contradiction')
      return { type: 'error', code: 'FINAL_CONFLICT', message: 'another score', retryable: false };
    const entry = this.#entry(player);
    if (before === undefined) {
      this.#finals.set(key, score);
      const wrong = this.#lie === 'banks the wrong score' && player.endsWith('2') ? 1 : 0;
      entry.confirmed = confirm(this.#rules, entry.confirmed, {
        score: score + wrong,
        achievedAt: Date.now(),
      }) as Mark;
      entry.provisional = undefined;
    }
    const duplicate = before !== undefined && this.#lie !== 'calls no final a duplicate';
    return ok({ player, score, confirmed: entry.confirmed?.score, duplicate, live: 'applied' });
  }

  #answerHttp({ method, url }: IncomingMessage, response: ServerResponse): void {
    const board = {
      id: 'b',
      ...this.#rules,
      scoreMin: -1e9,
      scoreMax: 1e9,
      prizes: { bands: [], ties: 'first', currency: 'USD' },
      ticks: { writers: ['player', 'server'], maxPerSecond: 1_000 },
      finals: { writers: ['server'] },
    };
    const anew = this.#lie === 'settles anew each time' && method === 'PUT';
    const answers: [RegExp, object | string][] = [
      [/window$/, { dirty: 0, oldestDirtyMs: 3 }],
      [/settlement$/, { id: `x${anew ? ++this.#settlements : 0}`, amountMinor: 0, sha256: 'ab', awards: [] }],
      [/seasons$/, method === 'POST' ? { id: 's1', state: 'open' } : { seasons: [] }],
      [/close$/, { id: 's1', state: 'closed' }],
      [/boards\/b$/, board],
      [
        /metrics$/,
        'photofinish_flush_rows_total{result="written"} 1\nphotofinish_flush_transactions_total 1\n',
      ],
    ];
    const answer = answers.find(([path]) => path.test(url ?? ''))?.[1];
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? {}));
  }
}

const ok = (fields: object) => ({ type: 'ok', ...fields });

/** Whose token it is; a real server checks it, too. */
function subOf(request: IncomingMessage): string {
  const payload = request.headers['sec-websocket-protocol']?.split('.').at(-2) ?? '';
  return (JSON.parse(String(Buffer.from(payload, 'base64url'))) as { sub: string }).sub;
}
