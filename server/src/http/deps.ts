/** What the HTTP edge asks of the rest of the server. The core's classes fit as they are; tests hand in doubles. */
import type { AuditStore } from '../board/audit-store.ts';
import type { BoardAdmin } from '../board/board-admin.ts';
import type { Catalogue } from '../board/catalogue.ts';
import type { Durability } from '../board/durability.ts';
import type { Flags } from '../board/flags.ts';
import type { Guarantee } from '../board/guarantee.ts';
import type { MatchKeeper } from '../board/match-keeper.ts';
import type { PlayerDeletion } from '../board/player-deletion.ts';
import type { PlayerExport } from '../board/player-export.ts';
import type { PlayerHiding } from '../board/player-hiding.ts';
import type { Players } from '../board/players.ts';
import type { Principal } from '../board/principal.ts';
import type { Reads } from '../board/reads.ts';
import type { FlushFailures } from '../flush/flush-failures.ts';
import type { Flusher } from '../flush/flusher.ts';
import type { Log } from '../observe/log.ts';
import type { PastReads } from '../season/past-standings.ts';
import type { SeasonEventStore } from '../season/season-event-store.ts';
import type { SeasonExports } from '../season/season-export.ts';
import type { SeasonImport } from '../season/season-import.ts';
import type { SeasonLife } from '../season/season-life.ts';
import type { Settling } from '../settle/settlement.ts';

export interface HttpObserver {
  /** One request answered. `route` is the pattern, never the path. */
  answered(request: { method: string; route: string; status: number; ms: number }): void;
}

export interface Services {
  boards: Pick<BoardAdmin, 'create' | 'get' | 'list' | 'update' | 'archive'>;
  catalogue: Pick<Catalogue, 'board' | 'storedBoard' | 'season' | 'seasonsOf' | 'live'>;
  reads: Pick<Reads, 'top' | 'range' | 'around' | 'ranks' | 'window'>;
  players: Pick<Players, 'read' | 'name'>;
  hiding: Pick<PlayerHiding, 'hide' | 'unhide' | 'list'>;
  playerDeletion: Pick<PlayerDeletion, 'remove'>;
  playerExport: Pick<PlayerExport, 'of'>;
  durability: Pick<Durability, 'of'>;
  seasons: Pick<SeasonLife, 'open' | 'close'>;
  settling: Pick<Settling, 'settle' | 'preview' | 'find'>;
  flusher: Pick<Flusher, 'drain'>;
  imports: Pick<SeasonImport, 'begin'>;
  keeper: Pick<MatchKeeper, 'find' | 'abandonNow'>;
  flags: Pick<Flags, 'list' | 'clear' | 'confirm'>;
  flushFailures: Pick<FlushFailures, 'list' | 'retry' | 'discard'>;
  past: Pick<PastReads, 'at'>;
  exports: Pick<SeasonExports, 'begin'>;
  seasonEvents: Pick<SeasonEventStore, 'list' | 'sendAgain'>;
  audit: AuditStore;
}

export interface Health {
  /** What must answer before this server takes traffic, by name; each rejects when it does not. */
  checks: Readonly<Record<string, () => Promise<unknown>>>;
  draining: () => boolean;
}

export interface HttpDeps extends Services {
  tokens: { verify(token: string): Promise<Principal> };
  /** Mints the page's tokens; undefined: the page gets none. */
  viewerToken: ((of: { sub: string; ttlSeconds: number }) => Promise<string>) | undefined;
  health: Health;
  /** Left out: it holds. */
  guarantee?: Guarantee;
  metrics: { text(): Promise<string>; contentType: string };
  observer: HttpObserver;
  log: Log;
  /** Milliseconds; only differences matter. */
  clock: () => number;
  /** Folder of the built page. */
  pageDirectory: string;
  requestsPerSecondMax: number;
  /** Proxies in front whose X-Forwarded-For entries are believed. */
  proxyHops: number;
}
