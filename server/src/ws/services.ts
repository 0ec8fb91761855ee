/** What the gateway asks of the core and of whoever watches it. The core's own classes fit as they are; tests pass small doubles. */
import type { ErrorCode } from '@photofinish/shared/protocol/errors';
import type { Barrier } from '../board/barrier.ts';
import type { Catalogue } from '../board/catalogue.ts';
import type { Finals } from '../board/finals.ts';
import type { MatchKeeper } from '../board/match-keeper.ts';
import type { Matches } from '../board/matches.ts';
import type { Principal } from '../board/principal.ts';
import type { Reads } from '../board/reads.ts';
import type { TickIntake } from '../board/tick-intake.ts';
import type { Watermarks } from '../board/watermarks.ts';

export interface Services {
  catalogue: Pick<Catalogue, 'target' | 'board'>;
  intake: Pick<TickIntake, 'submit'>;
  matches: Pick<Matches, 'start'>;
  keeper: Pick<MatchKeeper, 'abandon'>;
  finals: Pick<Finals, 'submit' | 'send'>;
  reads: Pick<Reads, 'top' | 'range' | 'around' | 'ranks' | 'window'>;
  barrier: Pick<Barrier, 'wait'>;
  /** Left out: the view `durability` is not served. */
  watermarks?: Pick<Watermarks, 'season' | 'read'>;
  /** @throws Fault UNAUTHENTICATED, FORBIDDEN, UNAVAILABLE */
  verify(token: string): Promise<Principal>;
}

/** Counts only: nothing that it is told names a player, a board or a token. Called per frame or rarer, never per tick. */
export interface GatewayObserver {
  opened(): void;
  /** The WebSocket close code that the socket ended with; 1006 when it just broke. */
  closed(code: number): void;
  /** The HTTP status of a refusal before the upgrade. */
  refused(status: number): void;
  /** Documents of one frame that came in. */
  received(documents: number): void;
  /** Characters of one frame that went out. */
  sent(characters: number): void;
  failed(code: ErrorCode): void;
  pushed(kind: 'snapshot' | 'delta' | 'window' | 'watermark' | 'places', subscribers: number): void;
}

export interface GatewayLimits {
  connectionsMax: number;
  requestsPerSecondMax: number;
  /** Unsent bytes of a connection above which it gets no pushes and is not read; at four times that it is closed with 4008. */
  outboxBytesMax: number;
  subscriptionIntervalMs: number;
  /** Longest drain before connections that are still there are cut. */
  drainTimeoutMs: number;
  /** Time between pings; a connection silent for as long after one is cut. */
  pingIntervalMs?: number;
  /** How long a connection past `outboxBytesMax` may read nothing at all before it is closed with 4008. */
  slowReaderMs?: number;
  /** How often connections are looked over: how late a ping, a token's end or a slow reader is noticed. */
  sweepIntervalMs?: number;
}
