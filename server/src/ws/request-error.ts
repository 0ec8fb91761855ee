/** Turns what arrived into a request, or into an error that names the field, its limit and the fix. */

import { COLUMNS_MAX } from '@photofinish/shared/domain/columns';
import { MATCH_PLAYERS_MAX } from '@photofinish/shared/domain/match-rules';
import { SCORE_MAX, SCORE_MIN } from '@photofinish/shared/domain/score';
import { Fault } from '@photofinish/shared/protocol/errors';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import { type Request, type RequestType, requestSchemas } from '@photofinish/shared/protocol/requests';
import type { core } from 'zod';
import { readFinal } from './final-document.ts';
import { isRequestId } from './tick-document.ts';

export type RequestId = number | string;

/** A Map, because `requestSchemas['constructor']` would find something. */
const SCHEMAS = new Map(Object.entries(requestSchemas));
const TYPES = [...SCHEMAS.keys()].join(', ');

const ID_LIMIT = '1 to 64 characters out of A-Z a-z 0-9 . _ ~ -';
const SCORE_LIMIT = `a whole number from ${SCORE_MIN} to ${SCORE_MAX}`;
const REQUEST_ID_LIMIT = `a whole number from 0 to ${SCORE_MAX}, or ${ID_LIMIT}`;
const list = (least: number, of: string): string =>
  `a list of ${least} to ${LIMITS.itemsPerRequestMax} ${of}`;

/** What each field may be. A test compares the names with the schemas'. */
export const FIELD_LIMITS: Readonly<Record<string, string>> = {
  type: `one of ${TYPES}`,
  id: REQUEST_ID_LIMIT,
  match: `a match id: ${ID_LIMIT}`,
  board: `a board id: ${ID_LIMIT}`,
  season: `a season id: ${ID_LIMIT}`,
  player: `a player id: ${ID_LIMIT}`,
  players: `a list of 1 to ${LIMITS.readEntriesMax} player ids`,
  roster: `a list of 1 to ${MATCH_PLAYERS_MAX} player ids`,
  score: SCORE_LIMIT,
  delta: SCORE_LIMIT,
  seq: `a whole number from 1 to ${SCORE_MAX}`,
  bucket: 'a bucket as an answer names it, or all',
  columns: `an object of up to ${COLUMNS_MAX} columns by name, each ${SCORE_LIMIT}`,
  metadata: 'a JSON object',
  bucketKey: `a key of buckets: ${ID_LIMIT}`,
  ticks: list(1, 'objects of player and score, or player, delta and seq'),
  finals: list(0, 'objects of player and score'),
  limit: `a whole number from 1 to ${LIMITS.readEntriesMax}`,
  above: 'a whole number from 0 to 100',
  below: 'a whole number from 0 to 100',
  cursor: '`next` or `previous` of an earlier answer',
  scoreMin: SCORE_LIMIT,
  scoreMax: SCORE_LIMIT,
  view: '"top", "around", "players" or "durability"',
  subscription: 'the number that subscribe answered',
};

/** Where `subscribe` takes fewer. */
const SUBSCRIBE_LIMITS: Readonly<Record<string, string>> = {
  limit: `a whole number from 1 to ${LIMITS.subscribedEntriesMax}`,
  players: `a list of 1 to ${LIMITS.subscribedEntriesMax} player ids`,
};

export type Reading = { request: Request } | { id: RequestId | null; fault: Fault };

/** The id to answer to: the document's own where it has a valid one. */
export function idOf(value: unknown): RequestId | null {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'id')) return null;
  const { id } = value as { id: unknown };
  return isRequestId(id) ? id : null;
}

export function readRequest(value: unknown): Reading {
  const final = readFinal(value);
  if (final) return { request: final };
  const id = idOf(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return {
      id,
      fault: invalid('document', `is ${describe(value)}`, 'one JSON object with type and id'),
    };
  const type = Object.hasOwn(value, 'type') ? (value as { type: unknown }).type : undefined;
  const schema = typeof type === 'string' ? SCHEMAS.get(type) : undefined;
  if (!schema) return { id, fault: unknownType(type) };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { request: parsed.data as Request };
  const issue = parsed.error.issues[0];
  return {
    id,
    fault: issue ? faultOf(issue, value, type as RequestType) : invalid('document', 'is wrong', ''),
  };
}

/** A document that `JSON.parse` refused. Its own message is left out: it would quote what was sent. */
export function notJson(document: string): Fault {
  const word = /\b(NaN|-?Infinity|undefined)\b/.exec(document)?.[1];
  const fix = word
    ? `${word} is not JSON; send a whole number`
    : 'send one JSON object per line, without line breaks inside it';
  return new Fault('INVALID_JSON', `document: not JSON; ${fix}`, {
    field: 'document',
    limit: 'one JSON object per line',
    fix,
  });
}

function unknownType(type: unknown): Fault {
  const known = `one of ${TYPES}`;
  if (typeof type !== 'string')
    return invalid('type', type === undefined ? 'is missing' : `is ${describe(type)}`, known);
  return new Fault('UNKNOWN_TYPE', `type: ${quote(type)} is not known; use ${known}`, {
    field: 'type',
    limit: known,
    fix: `use ${known}`,
  });
}

function faultOf(issue: core.$ZodIssue, document: object, type: RequestType): Fault {
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, field, type);
  if (issue.code === 'custom') {
    const [limit = '', fix = limit] = issue.message.split('; ');
    return new Fault('INVALID_REQUEST', `${field}: ${issue.message}`, { field, limit, fix });
  }
  const limit = limitOf(issue, field, type);
  return invalid(field, `is ${describe(valueAt(document, issue.path), issue)}`, limit);
}

function invalid(field: string, what: string, limit: string): Fault {
  const fix = `send ${limit}`;
  return new Fault('INVALID_REQUEST', `${field}: it ${what}; ${fix}`, { field, limit, fix });
}

function unknownKeys(keys: readonly string[], path: string, type: RequestType): Fault {
  const first = keys[0] ?? '';
  const names = keys.slice(0, 3).map(quote).join(', ');
  const limit = `the fields that ${type} has${path === '' ? '' : ` in ${path}`}, and no others`;
  const field = path === '' ? shorten(first) : `${path}.${shorten(first)}`;
  return new Fault(
    'INVALID_REQUEST',
    `${field}: ${type} has no field ${names}; leave it out or correct its name`,
    {
      field,
      limit,
      fix: 'leave it out or correct its name',
    },
  );
}

/** `ticks.3.score` and `columns.laps` are scores; `players.3` is one player's id. */
function limitOf(issue: core.$ZodIssue, field: string, type: RequestType): string {
  const names = issue.path.filter((part) => typeof part === 'string');
  const name = names.at(-1) ?? '';
  const isItem = typeof issue.path.at(-1) === 'number';
  if (isItem)
    return name === 'players' || name === 'roster' ? (FIELD_LIMITS['player'] ?? '') : `an object in ${name}`;
  const fewer = type === 'subscribe' ? SUBSCRIBE_LIMITS[name] : undefined;
  if (fewer) return fewer;
  return (names.at(-2) === 'columns' ? SCORE_LIMIT : FIELD_LIMITS[name]) ?? `another ${field}`;
}

function valueAt(document: object, path: readonly PropertyKey[]): unknown {
  let value: unknown = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function describe(value: unknown, issue?: core.$ZodIssue): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value))
    return issue?.code === 'too_big' || issue?.code === 'too_small' ? `a list of ${value.length}` : 'a list';
  if (typeof value === 'number') return describeNumber(value);
  if (typeof value === 'string')
    return issue && 'format' in issue && issue.format === 'regex'
      ? describeId(value)
      : `the string ${quote(value)}`;
  if (typeof value === 'boolean') return String(value);
  return 'an object';
}

function describeNumber(value: number): string {
  if (!Number.isFinite(value)) return `too large for a number (${value})`;
  if (Math.abs(value) > SCORE_MAX)
    return `${value}, past 2^53 - 1, where whole numbers lose their last digits`;
  return Number.isInteger(value) ? String(value) : `the fraction ${value}`;
}

const describeId = (value: string): string =>
  value.length > 64 ? `a string of ${value.length} characters` : `the string ${quote(value)}`;

const QUOTED_MAX = 40;
const shorten = (text: string): string => (text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text);
/** What was sent, cut short. JSON escapes lone surrogates and control characters. */
const quote = (text: string): string => JSON.stringify(shorten(text));
