/** Every error that a request can get, typed by what the caller must do:
 *  fix     the request is wrong; sending it again unchanged fails again
 *  retry   nothing was done; send it again after `retryAfterMs`
 *  resend  the outcome is unknown; send the same thing again (same seq, same final): a repeat changes nothing */
export const ERRORS = {
  INVALID_JSON: { caller: 'fix', status: 400 },
  INVALID_REQUEST: { caller: 'fix', status: 400 },
  CURSOR_INVALID: { caller: 'fix', status: 400 },
  UNKNOWN_TYPE: { caller: 'fix', status: 400 },
  TOO_MANY_DOCUMENTS: { caller: 'fix', status: 413 },
  UNAUTHENTICATED: { caller: 'fix', status: 401 },
  FORBIDDEN: { caller: 'fix', status: 403 },
  NOT_FOUND: { caller: 'fix', status: 404 },
  BOARD_NOT_FOUND: { caller: 'fix', status: 404 },
  SEASON_NOT_FOUND: { caller: 'fix', status: 404 },
  MATCH_NOT_FOUND: { caller: 'fix', status: 404 },
  PLAYER_NOT_FOUND: { caller: 'fix', status: 404 },
  SETTLEMENT_NOT_FOUND: { caller: 'fix', status: 404 },
  BOARD_EXISTS: { caller: 'fix', status: 409 },
  BOARD_CHANGED: { caller: 'fix', status: 412 },
  BOARD_ARCHIVED: { caller: 'fix', status: 409 },
  SEASON_ALREADY_OPEN: { caller: 'fix', status: 409 },
  SEASON_NOT_CLOSED: { caller: 'fix', status: 409 },
  SEASON_NOT_OPEN: { caller: 'fix', status: 409 },
  SEASON_CLOSED: { caller: 'fix', status: 409 },
  MATCH_ENDED: { caller: 'fix', status: 409 },
  MATCH_SUPERSEDED: { caller: 'fix', status: 409 },
  MATCH_ABANDONED: { caller: 'fix', status: 409 },
  MATCH_FULL: { caller: 'fix', status: 409 },
  NOT_IN_ROSTER: { caller: 'fix', status: 409 },
  ATTEMPTS_EXHAUSTED: { caller: 'fix', status: 409 },
  SETTLEMENT_BLOCKED: { caller: 'fix', status: 409 },
  FINAL_CONFLICT: { caller: 'fix', status: 409 },
  SCORE_OUT_OF_RANGE: { caller: 'fix', status: 422 },
  SCORE_OVERFLOW: { caller: 'fix', status: 422 },
  TOO_MANY_WRITERS: { caller: 'fix', status: 409 },
  TOO_MANY_SUBSCRIPTIONS: { caller: 'fix', status: 429 },
  RATE_LIMITED: { caller: 'retry', status: 429 },
  ACK_UNAVAILABLE: { caller: 'retry', status: 503 },
  OVERLOADED: { caller: 'retry', status: 503 },
  UNAVAILABLE: { caller: 'retry', status: 503 },
  SHUTTING_DOWN: { caller: 'retry', status: 503 },
  OUTCOME_UNKNOWN: { caller: 'resend', status: 504 },
  INTERNAL: { caller: 'resend', status: 500 },
} as const satisfies Record<string, { caller: 'fix' | 'retry' | 'resend'; status: number }>;

export type ErrorCode = keyof typeof ERRORS;

export interface FaultDetail {
  /** Path of the wrong field, as `ticks.3.score`. */
  field?: string;
  /** The bound that was passed, as text: `a whole number from 0 to 100`. */
  limit?: string;
  /** What to do about it. */
  fix?: string;
  retryAfterMs?: number;
  /** Each of several causes in words; a bounded list. */
  reasons?: string[];
}

/** An error that may be shown to the caller as it is: no secrets, no stack, no SQL. */
export class Fault extends Error {
  readonly code: ErrorCode;
  readonly detail: FaultDetail;

  constructor(code: ErrorCode, message: string, detail: FaultDetail = {}) {
    super(message);
    this.name = 'Fault';
    this.code = code;
    this.detail = detail;
  }

  get retryable(): boolean {
    return ERRORS[this.code].caller !== 'fix';
  }
}

/** What the wire and the HTTP problem documents carry of a fault. */
export const faultFields = (fault: Fault) => ({
  code: fault.code,
  message: fault.message,
  retryable: fault.retryable,
  ...fault.detail,
});
