/** JSON lines on stdout. Whatever a caller puts into the fields, no token, password or other credential is written. */
import { type DestinationStream, pino, stdTimeFunctions } from 'pino';
import type { Config } from '../config.ts';
import type { Log } from './log.ts';

const SECRET_FIELD = /token|authorization|password|passwd|secret|cookie|credential/i;
const JWT = /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g;
const URL_CREDENTIALS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;
/** Deeper data is cut: a log line is for reading, and a cycle would never end. */
const DEPTH_MAX = 5;

/** Text without JWTs and without the credentials of URLs. */
export const scrubText = (text: string): string =>
  text.replace(JWT, '[token]').replace(URL_CREDENTIALS, '$1[credentials]@');

/** Errors keep what helps to find them. Their other fields are dropped: drivers put commands, parameters and passwords there. */
const scrubError = (error: Error & { code?: unknown; detail?: unknown }, depth: number): object => ({
  type: error.name,
  message: scrubText(error.message),
  ...(error.code === undefined ? {} : { code: scrub(error.code, depth) }),
  ...(error.stack === undefined ? {} : { stack: scrubText(error.stack) }),
  ...(error.cause === undefined ? {} : { cause: scrub(error.cause, depth) }),
});

function scrub(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) return '[deeper]';
  if (value instanceof Error) return scrubError(value, depth + 1);
  if (Array.isArray(value)) return value.map((item) => scrub(item, depth + 1));
  if (value instanceof Date) return value;
  return scrubFields(value, depth + 1);
}

function scrubFields(fields: object, depth: number): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields))
    shown[name] = typeof value === 'string' && SECRET_FIELD.test(name) ? '[secret]' : scrub(value, depth);
  return shown;
}

/** `destination` is stdout when left out. Only a `Log`: the fields of pino's children would pass no scrubber. */
export function createLogger(of: { level: Config['logLevel'] }, destination?: DestinationStream): Log {
  const options = {
    level: of.level,
    base: { pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: object) => scrubFields(fields, 0),
    },
    // Errors are scrubbed by then; pino's own serializer would take the result apart again.
    serializers: { err: (err: unknown) => err },
  };
  return destination ? pino(options, destination) : pino(options);
}
