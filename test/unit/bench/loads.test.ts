import { describe, expect, test } from 'vitest';
import { FinalLane } from '../../bench/client/final-lane.ts';
import { pace } from '../../bench/client/load.ts';
import type { Post, Station } from '../../bench/client/station.ts';
import { FULL, QUICK } from '../../bench/scale.ts';

const LANES = 8;
const MATCHES = 16;

describe('[BN2] finals', () => {
  const lanesOf = (players: number) =>
    Array.from({ length: LANES }, (_, lane) => {
      const matches = Array.from({ length: MATCHES }, (_, match) => `match-${lane}-${match}`);
      return new FinalLane(matches, { players, lane, lanes: LANES });
    });

  /** All lanes send as many finals. */
  function played(players: number, finals: number) {
    const lanes = lanesOf(players);
    for (const lane of lanes)
      for (let id = 0; id < finals; id++) {
        lane.next();
        lane.take(`{"type":"ok","id":${id},"ack":"database"}`);
      }
    return lanes.map((lane) => lane.finals());
  }

  test.each([QUICK, FULL])('[BN2] are of all players of a $name run', ({ finalPlayers }) => {
    const sent = played(finalPlayers, (finalPlayers / LANES) * 1.1).flat();
    expect(new Set(sent.map(({ player }) => player)).size).toBe(finalPlayers);
    expect(Math.max(...sent.map(({ player }) => player))).toBe(finalPlayers - 1);
  });

  test.each([QUICK, FULL])('[BN2] that are under way at once are of different players ($name)', (scale) => {
    const lanes = played(scale.finalPlayers, 2_000);
    for (let at = 0; at + 8 <= 2_000; at += 8) {
      const underWay = lanes.flatMap((lane) => lane.slice(at, at + 8)).map(({ player }) => player);
      expect(new Set(underWay).size).toBe(underWay.length);
    }
  });

  test('[BN2] are of each player once in a match, and end when a match has met everyone', () => {
    const players = 500;
    const [lane] = played(players, players * MATCHES);
    expect(new Set(lane?.map(({ match, player }) => `${match} ${player}`)).size).toBe(players * MATCHES);
    expect(() => played(players, players * MATCHES + 1)).toThrow('start more of them');
  });
});

describe('[BN2] the open loop', () => {
  test('[BN2] records what was due in the window, also where its answer comes after it', async () => {
    const afterMs = 50;
    const post = { underWay: 0 } as Post;
    let looks = 0;
    const station = {
      ...{ posts: [post], failure: undefined, onAnswers: (_post: Post, _frames: number) => undefined },
      get underWay() {
        return post.underWay;
      },
      send(to: Post, frames: number) {
        to.underWay += frames;
      },
      /** Looked at when the window begins and when it ends: nothing is answered before. */
      get answered() {
        if (++looks === 2) setTimeout(answerAll, afterMs);
        return 0;
      },
    };
    const answerAll = () => {
      const frames = post.underWay;
      post.underWay = 0;
      station.onAnswers(post, frames);
    };
    const window = { warmMs: 20, measureMs: 60, pids: {} };
    const { p50Us, p99Us } = await pace(station as unknown as Station, 1_000, window);
    expect(p50Us).toBeGreaterThan((afterMs - 2) * 1_000);
    expect(p99Us).toBeGreaterThan(p50Us);
  });
});
