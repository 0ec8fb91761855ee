/** Builds what knows players apart from their scores: a part of the composition root. */
import type { Redis } from 'ioredis';
import type { LiveSeason } from './board/live-board.ts';
import { Names } from './board/names.ts';
import { PlayerDeletion } from './board/player-deletion.ts';
import { PlayerExport } from './board/player-export.ts';
import { Players } from './board/players.ts';
import type { Config } from './config.ts';
import type { Breaker } from './flush/breaker.ts';
import type { Flusher } from './flush/flusher.ts';
import type { Log } from './observe/log.ts';
import type { Postgres } from './postgres/connections.ts';
import { PostgresPlayerDeletionStore } from './postgres/player-deletion-store.ts';
import { PostgresPlayerStore } from './postgres/player-store.ts';
import { RedisLivePlayers } from './redis/live-players.ts';

interface Deps {
  config: Config;
  clock: () => number;
  log: Log;
  flushRedis: Redis;
  postgres: Postgres;
  breaker: Breaker;
  flusher: Flusher;
  liveSeasons: () => Promise<LiveSeason[]>;
}

export function composePlayers({ config, clock, log, flushRedis, postgres, breaker, ...flushing }: Deps) {
  const store = new PostgresPlayerStore(postgres);
  const names = new Names({
    store: { names: (players) => breaker.guard(() => store.names(players)) },
    clock,
    log,
  });
  const live = new RedisLivePlayers(flushRedis);
  return {
    names,
    players: new Players({ store, names, clock, ownNames: config.playersNameThemselves }),
    playerExport: new PlayerExport({ store, live, clock, ...flushing }),
    playerDeletion: new PlayerDeletion({
      ...{ store: new PostgresPlayerDeletionStore(postgres), live, names, clock, log, ...flushing },
      lookAgainMs: 2 * (config.databaseTimeoutMs + config.redisTimeoutMs),
    }),
  };
}
