/** A database server that this process started and owns, and the limits that both kinds share. */

export interface LocalService {
  /** Address with its password: pass it on, never log it. */
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  /** Ends the service in order, its data on disk, and lets go of the data directory. A second call waits for the first. */
  stop(): Promise<void>;
}

/** Both services are ready in well under a second on a warm machine; a cold disk with a long AOF or WAL to replay takes
 *  longer. Lower, and a recovery that would have succeeded is given up. */
export const READY_TIMEOUT_MS = 60_000;

/** A free port can be taken by a stranger between our look and the service's bind; each try looks again. */
export const PORT_TRIES_MAX = 5;

/** A refusal that its reader can act on: what is wrong, and what to do about it. */
export class LocalServiceError extends Error {
  override readonly name = 'LocalServiceError';
}
