import { describe, expect, test } from 'vitest';
import { compareEntries, type Entry } from '../../bench/check.ts';
import { compareRanks, nextMove } from '../../bench/check-ranks.ts';
import { FrameReader, frameBytes, putFrame } from '../../bench/client/frames.ts';
import type { Sample } from '../../bench/experiment.ts';
import { BenchFailure, WrongResult } from '../../bench/failure.ts';
import { GOALS, meets, RATIO_NAMES } from '../../bench/goals.ts';
import { readOptions } from '../../bench/options.ts';
import { performanceDoc, performanceInShort } from '../../bench/perf-doc.ts';
import { toJson } from '../../bench/report.ts';
import { playRounds, roundOf } from '../../bench/rounds.ts';
import { FULL, QUICK } from '../../bench/scale.ts';
import { sideReport } from '../../bench/side-report.ts';
import { rangeOf, ratioResult } from '../../bench/summary.ts';
import { tableOf, verdictOf } from '../../bench/table.ts';
import { madeUpReport } from './reports.ts';

describe('[BN1] the command line', () => {
  test('[BN1] measures everything unless told', () => {
    expect(readOptions([])).toEqual({
      scale: FULL,
      only: RATIO_NAMES,
      json: undefined,
      profile: undefined,
      help: false,
    });
    expect(readOptions(['--quick', '--json', 'f.json'])).toMatchObject({ scale: QUICK, json: 'f.json' });
  });

  test('[BN1] takes several names, in the order of the table', () => {
    expect(readOptions(['--only', 'settle,ack.single', '--only', 'rebuild']).only).toEqual([
      ...['ack.single', 'rebuild', 'settle'],
    ]);
  });

  test.each([[['--only', 'ack.speed']], [['--fast']], [['--json', '']], [['extra']]])(
    '[BN1] refuses %j with words',
    (args) => {
      expect(() => readOptions(args)).toThrow(BenchFailure);
    },
  );

  test('[BN1] tells all that is wrong at once', () => {
    const args = ['--only', 'ack.singel', '--bogus', '--quick=yes', 'extra', '--json'];
    for (const word of [
      /--bogus: there is no such/,
      /--json: say which/,
      /--quick: takes no/,
      /"ack.singel"/,
    ])
      expect(() => readOptions(args)).toThrow(word);
  });

  test('[BN1] names what there is', () => {
    expect(() => readOptions(['--only', 'ack.speed'])).toThrow(/no ratio "ack.speed"; one of ack.single,/);
  });
});

const sample = (value: number, clientShare?: number): Sample => ({
  ...{ value, unit: 'x' },
  ...(clientShare === undefined ? {} : { clientShare }),
});

describe('[BN2] rounds', () => {
  test('[BN2] sides take turns, and the first turn too', async () => {
    const order: string[] = [];
    const side = (name: string, value: number) => ({
      name,
      async measure(round: number) {
        order.push(`${name}${round}`);
        return sample(value);
      },
    });
    const rounds = await playRounds({ sides: [side('A', 6), side('B', 3)] }, 3, () => undefined);
    expect(order).toEqual(['A1', 'B1', 'B2', 'A2', 'A3', 'B3']);
    expect(rounds.map(({ ratio }) => ratio)).toEqual([2, 2, 2]);
  });

  test('[BN2] a round in which the client was the limit does not count', () => {
    const rounds = [
      ...[roundOf([sample(1, 0.5), sample(1, 0.9)]), roundOf([sample(3, 0.2), sample(1, 0.3)])],
      roundOf([sample(4, 0.2), sample(1, 0.3)]),
    ];
    expect(ratioResult('ack.single', rounds)).toEqual({
      ...{ median: 3.5, min: 3, max: 4, rounds: 2, goal: 0.9, ok: true },
    });
  });

  test('[BN2] where no round counts no goal is met', () => {
    const result = ratioResult('ack.single', [roundOf([sample(9, 0.95), sample(1, 0.1)])]);
    expect(result).toMatchObject({ median: 9, rounds: 0, ok: false });
  });

  test('[BN2] figures of a side are of the rounds that count, and it says where the client was its limit', () => {
    const rounds = [
      roundOf([{ ...sample(1, 0.2), note: 'first' }, sample(5, 0.95), sample(1, 0.99)]),
      roundOf([sample(2, 0.3), sample(6, 0.4), sample(3, 0.1)]),
      roundOf([{ ...sample(4, 0.4), note: 'third' }, sample(8, 0.5), sample(5, 0.3)]),
    ];
    const [ours, base, beside] = ['A', 'B', 'C'].map((name, i) => sideReport(name, rounds, i));
    expect(ours).toEqual({
      ...{ name: 'A', unit: 'x', value: { median: 3, min: 2, max: 4 }, note: 'last round: third' },
      ...{ serverUs: null, storeUs: null, clientShare: 0.35 },
    });
    expect(base).toMatchObject({ value: { median: 7, min: 6, max: 8 }, clientShare: 0.45, limitedIn: [1] });
    expect(beside).toMatchObject({ value: { median: 4, min: 3, max: 5 }, limitedIn: [1] });
  });

  test('[BN2] a side beside the ratio leaves out its own rounds and no other', () => {
    const rounds = [
      roundOf([sample(1, 0.1), sample(1, 0.1), sample(7, 0.9)]),
      roundOf([sample(3, 0.1), sample(1, 0.95), sample(9, 0.5)]),
    ];
    expect(sideReport('A', rounds, 0).value.median).toBe(1);
    expect(sideReport('C', rounds, 2)).toMatchObject({ value: { median: 9 }, limitedIn: [1] });
  });

  test('[BN2] where no round counts the figures are of all, and marked', () => {
    const rounds = [roundOf([sample(9, 0.95), sample(1, 0.1)])];
    expect(sideReport('A', rounds, 0)).toMatchObject({ value: { median: 9 }, limitedIn: [1] });
    expect(sideReport('B', rounds, 1)).not.toHaveProperty('limitedIn');
  });

  test('[BN2] median and range', () => {
    expect(rangeOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(rangeOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  test.each(RATIO_NAMES)('[BN2] %s is met on the right side of its goal', (name) => {
    const { bound, goal } = GOALS[name];
    expect(meets(name, goal)).toBe(true);
    expect(meets(name, goal * 1.01)).toBe(bound === 'least');
    expect(meets(name, goal * 0.99)).toBe(bound === 'most');
  });
});

describe('[BN3] the check', () => {
  const entry = (player: string, score: number, achievedAt = 1): Entry => ({ player, score, achievedAt });
  const acked = new Map([
    ['a', 3],
    ['b', 2],
  ]);
  const right = [entry('a', 3), entry('b', 2)];

  test('[BN3] takes what is right', () => {
    expect(() => compareEntries(acked, right, right)).not.toThrow();
  });

  test.each([
    ['an older score in Redis', [entry('a', 3), entry('b', 1)], right],
    ['an older score in Postgres', right, [entry('a', 3), entry('b', 1)]],
    ['an entry missing in Redis', [entry('a', 3)], right],
    ['an entry missing in Postgres', right, [entry('a', 3)]],
    ['an entry that nobody sent', [...right, entry('c', 1)], [...right, entry('c', 1)]],
    ['another order', [entry('b', 2), entry('a', 3)], right],
    ['another time', [entry('a', 3, 2), entry('b', 2)], right],
  ])('[BN3] finds %s', (_, live, stored) => {
    expect(() => compareEntries(acked, live, stored)).toThrow(WrongResult);
  });

  test('[BN3] says what is wrong with the first one', () => {
    expect(() => compareEntries(acked, right, [entry('a', 3)])).toThrow(
      '1 of 2 acknowledged scores are wrong; b was acknowledged 2, Redis has 2, Postgres no entry',
    );
  });
});

describe('[BN3] ranks over the wire', () => {
  const order = (): Entry[] =>
    [9, 7, 7, 4, 1].map((score, i) => ({ player: `p${i + 1}`, score, achievedAt: i }));

  test('[BN3] an entry goes behind all that have its new score', () => {
    const after = order();
    expect(nextMove(after, 3)).toEqual({ player: 'p4', score: 7, rank: 4, previousRank: 4 });
    expect(nextMove(after, 4)).toEqual({ player: 'p5', score: 7, rank: 5, previousRank: 5 });
    expect(nextMove(after, 2)).toEqual({ player: 'p3', score: 8, rank: 2, previousRank: 3 });
    expect(after.map(({ player, score }) => `${player} ${score}`)).toEqual([
      ...['p1 9', 'p3 8', 'p2 7', 'p4 7', 'p5 7'],
    ]);
  });

  test('[BN3] the first one stays', () => {
    expect(nextMove(order(), 0)).toEqual({ player: 'p1', score: 10, rank: 1, previousRank: 1 });
  });

  test.each([
    [{ rank: 2, previousRank: 4 }, false],
    [{ rank: 3, previousRank: 4 }, true],
    [{ rank: 2, previousRank: 3 }, true],
    [{}, true],
  ])('[BN3] %j is wrong: %s', (reply, wrong) => {
    const compare = () => compareRanks({ player: 'a', score: 1, rank: 2, previousRank: 4 }, reply);
    if (wrong) expect(compare).toThrow(WrongResult);
    else expect(compare).not.toThrow();
  });
});

describe('[BN4] frames of the client', () => {
  test.each([0, 1, 125, 126, 127, 4_000])('[BN4] a text of %i characters is framed and masked', (length) => {
    const text = 'x'.repeat(length);
    const frame = Buffer.alloc(frameBytes(text) + 1);
    expect(putFrame(frame, 0, text)).toBe(frame.length - 1);
    const start = frame.length - 1 - length;
    const mask = frame.subarray(start - 4, start);
    const body = frame.subarray(start, -1).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
    expect(Buffer.from(body).toString()).toBe(text);
  });

  test('[BN4] frames are found however the bytes are cut', () => {
    const frames = Buffer.concat([
      ...[Buffer.from([0x81, 2]), Buffer.from('hi'), Buffer.from([0x81, 126, 1, 0]), Buffer.alloc(256, 'y')],
      ...[Buffer.from([0x89, 0]), Buffer.from([0x81, 1]), Buffer.from('z')],
    ]);
    for (let cut = 1; cut < frames.length; cut += 7) {
      const texts: string[] = [];
      const reader = new FrameReader({
        onText: (chunk, start, end) => texts.push(chunk.toString('latin1', start, end)),
        onPing: () => texts.push('ping'),
        onClose: () => undefined,
      });
      for (let at = 0; at < frames.length; at += cut) reader.take(frames.subarray(at, at + cut));
      expect(texts).toEqual(['hi', 'y'.repeat(256), 'ping', 'z']);
    }
  });
});

describe('[BN5] what a run is told as', () => {
  test('[BN5] JSON holds the machine and each ratio', () => {
    const report = JSON.parse(toJson(madeUpReport()));
    expect(Object.keys(report.ratios)).toEqual([...RATIO_NAMES]);
    expect(Object.keys(report.ratios['ack.single'])).toEqual([
      'median',
      'min',
      'max',
      'rounds',
      'goal',
      'ok',
    ]);
    expect(report.machine.cpu).toBe('A processor');
  });

  test('[BN5] the table has every ratio, and the verdict what was missed', () => {
    const report = madeUpReport();
    for (const name of RATIO_NAMES) expect(tableOf(report)).toContain(`\n${name} `);
    expect(verdictOf(report)).toContain('1 of 15 goals are missed: settle.');
    expect(verdictOf(report)).not.toContain('busy');
    report.machine.loadBefore = 7;
    expect(verdictOf(report)).toContain('The machine was busy before the run (load 7 on 8 cores)');
  });

  test('[BN5] the page has machine, versions, method and every ratio', () => {
    const page = performanceDoc(madeUpReport());
    for (const name of RATIO_NAMES) expect(page).toContain(`\n### ${name}\n`);
    for (const told of ['A processor', 'v24.0.0', 'open loop', '123,456', '0123456789ab'])
      expect(page).toContain(told);
  });

  test('[BN5] a round that does not count is marked where rounds are listed', () => {
    const report = madeUpReport();
    const [, base, ...others] = report.details['ack.single']?.sides ?? [];
    if (!base || others.length > 0) throw new Error('two sides');
    expect(verdictOf(report)).not.toContain('LIMIT');
    base.limitedIn = [2];
    report.details['ack.single']?.sides.push({ ...base, name: 'beside', limitedIn: [1, 3] });
    const page = performanceDoc(report);
    expect(page).toContain('Ratio per round: 1, (2), 3. In brackets: the client was the limit');
    expect(page).toContain('| 50 %; LIMIT in round 1, 3 |');
    expect(tableOf(report)).toContain('50 %; LIMIT in round 2\n');
    expect(verdictOf(report)).toContain('LIMIT: the client used 90 %');
  });

  test('[BN5] the verdict says of each kind of result what it was held against', () => {
    const report = madeUpReport();
    expect(verdictOf(report)).toContain(
      'Checked, and all right: 12,000 acknowledged scores in Redis and Postgres; ' +
        '1,000 subscribers that were last told what had been acknowledged; 1,000 places of settled seasons in Postgres.\n',
    );
    const idle = report.details['idle.bytes'];
    report.details = idle ? { 'idle.bytes': idle } : {};
    expect(verdictOf(report)).not.toContain('Checked');
  });

  test("[BN5] a rate that is the client's is not what the README says of the server", () => {
    const report = madeUpReport();
    expect(performanceInShort(report)).toContain('123,456 acknowledged ticks a second');
    for (const ratio of Object.values(report.ratios)) ratio.rounds = 0;
    expect(performanceInShort(report)).not.toContain('acknowledged ticks a second');
  });
});
