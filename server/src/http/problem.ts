/** Errors as problem documents (RFC 9457). Every answer of 400 and above is one, whatever went wrong. */
import {
  ERRORS,
  type ErrorCode,
  Fault,
  type FaultDetail,
  faultFields,
} from '@photofinish/shared/protocol/errors';
import { HTTPException } from 'hono/http-exception';
import { nanoid } from 'nanoid';

/** What only HTTP can get wrong. */
export const HTTP_ERRORS = {
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UPGRADE_REQUIRED: 426,
  HEADERS_TOO_LARGE: 431,
} as const;

type HttpErrorCode = keyof typeof HTTP_ERRORS;
export type ProblemCode = ErrorCode | HttpErrorCode;

export const PROBLEM_TYPE = 'application/problem+json';

export class HttpFault extends Error {
  readonly code: HttpErrorCode;
  readonly detail: FaultDetail;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: HttpErrorCode,
    message: string,
    detail: FaultDetail = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'HttpFault';
    this.code = code;
    this.detail = detail;
    this.headers = headers;
  }
}

/** BOARD_NOT_FOUND: `Board not found`. */
const titleOf = (code: ProblemCode): string =>
  code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ');

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ProblemCode;
  message: string;
  retryable: boolean;
  field?: string;
  limit?: string;
  fix?: string;
  retryAfterMs?: number;
  instance?: string;
  reasons?: string[];
}

export function problemOf(fault: Fault | HttpFault): Problem {
  const { code, message } = fault;
  const fields =
    fault instanceof Fault ? faultFields(fault) : { code, message, retryable: false, ...fault.detail };
  return {
    type: `urn:photofinish:problem:${code}`,
    title: titleOf(code),
    status: fault instanceof Fault ? ERRORS[fault.code].status : HTTP_ERRORS[fault.code],
    detail: message,
    ...fields,
  };
}

export function respond(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      'content-type': PROBLEM_TYPE,
      'cache-control': 'no-store',
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer realm="photofinish"' } : {}),
      ...(problem.retryAfterMs === undefined
        ? {}
        : { 'retry-after': String(Math.ceil(problem.retryAfterMs / 1_000)) }),
      ...headers,
    },
  });
}

/** The fault that an error is to its caller; undefined for what must not be shown. */
export function faultOf(error: unknown): Fault | HttpFault | undefined {
  if (error instanceof Fault || error instanceof HttpFault) return error;
  if (!(error instanceof HTTPException)) return undefined;
  if (error.status === 415)
    return new HttpFault('UNSUPPORTED_MEDIA_TYPE', 'content-type: must be application/json', {
      field: 'content-type',
      limit: 'application/json',
      fix: 'send JSON, with the header content-type: application/json',
    });
  if (error.status === 400)
    return new Fault('INVALID_JSON', 'body: is not JSON', {
      field: 'body',
      limit: 'one JSON document in UTF-8',
      fix: 'send one JSON document, or no body and no content-type where the body is optional',
    });
  return undefined;
}

/** For what nobody expected: says nothing of it but a name by which the log line can be found. */
export function internalProblem(): Problem {
  return {
    ...problemOf(new Fault('INTERNAL', 'the server failed; the log has more under this instance')),
    instance: `urn:photofinish:request:${nanoid(12)}`,
  };
}
