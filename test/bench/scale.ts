/** How much a run measures. A ratio of a quick run is of smaller seasons and shorter rounds: enough to see that everything works. */
export interface Scale {
  name: 'full' | 'quick';
  rounds: number;
  /** Load before a measurement, and the measurement. */
  warmMs: number;
  measureMs: number;
  /** Entries of the season that ticks go to. */
  players: number;
  /** `redis.growth`: the two sizes. */
  growthSmall: number;
  growthLarge: number;
  bytesEntries: number;
  flushRows: number;
  /** Different players in `finals.rate`. */
  finalPlayers: number;
  subscribers: number;
  idleSessions: number;
  rebuildEntries: number;
  settleStandings: number;
  /** Requests of one `redis-benchmark`. */
  benchmarkRequests: number;
}

export const FULL: Scale = {
  name: 'full',
  rounds: 5,
  warmMs: 1_000,
  measureMs: 4_000,
  players: 100_000,
  growthSmall: 10_000,
  growthLarge: 1_000_000,
  bytesEntries: 200_000,
  flushRows: 200_000,
  finalPlayers: 20_000,
  subscribers: 1_000,
  idleSessions: 5_000,
  rebuildEntries: 300_000,
  settleStandings: 1_000_000,
  benchmarkRequests: 1_500_000,
};

export const QUICK: Scale = {
  name: 'quick',
  rounds: 3,
  warmMs: 300,
  measureMs: 1_000,
  players: 20_000,
  growthSmall: 10_000,
  growthLarge: 100_000,
  bytesEntries: 20_000,
  flushRows: 25_000,
  finalPlayers: 5_000,
  subscribers: 1_000,
  idleSessions: 2_000,
  rebuildEntries: 40_000,
  settleStandings: 100_000,
  benchmarkRequests: 200_000,
};
