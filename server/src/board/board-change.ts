/** What a change of a board's rules may say, and what comes of it. Pure.
 *
 *  A change is a merge patch (RFC 7396): it holds what it names and leaves the rest; null puts a setting back to its default. */
import { type Board, boardSchema } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { BoardDifference } from './board-store.ts';
import { invalidRequest } from './invalid-request.ts';

export type BoardPatch = Readonly<Record<string, unknown>>;

/** Deeper than any setting lies. */
const DEPTH_MAX = 8;

/** What stored scores stand on; another board is the way. */
const FIXED: Readonly<Record<string, string>> = {
  id: 'its seasons and their scores name it',
  kind: 'its scores come from matches, or from ticks alone, and cannot be told the other way afterwards',
  sortOrder: 'stored scores were kept as the better ones by it, and past places stand by it',
  operator: 'stored scores were combined by it, and what they were made of is gone',
  columns: 'every stored score has the columns that it was sent with',
  buckets: 'players keep the bucket that they came into',
};

/** The board after the change, and what differs. Names all that is refused at once. @throws Fault INVALID_REQUEST */
export function changedBoard(before: Board, patch: BoardPatch): { board: Board; changed: BoardDifference } {
  const merged = merge(before, patch, 0) as Record<string, unknown>;
  const fixed = Object.keys(FIXED).filter((name) => Object.hasOwn(patch, name));
  const refused = fixed.filter((name) => !isSame(merged[name], (before as Record<string, unknown>)[name]));
  if (refused.length > 0) throw fixedForEver(refused);
  const parsed = boardSchema.safeParse(merged);
  if (!parsed.success) throw invalidRequest(parsed.error, 'board');
  return { board: parsed.data, changed: differenceOf(before, parsed.data) };
}

function merge(before: unknown, patch: unknown, depth: number): unknown {
  if (!isObject(patch)) return patch;
  if (depth > DEPTH_MAX)
    throw new Fault('INVALID_REQUEST', `body: is more than ${DEPTH_MAX} objects deep`, {
      field: 'body',
      limit: `at most ${DEPTH_MAX} objects deep`,
      fix: 'name settings of the board only',
    });
  const merged = new Map(Object.entries(isObject(before) ? before : {}));
  for (const [name, value] of Object.entries(patch))
    if (value === null) merged.delete(name);
    else merged.set(name, merge(merged.get(name), value, depth + 1));
  return Object.fromEntries(merged);
}

function fixedForEver(names: readonly string[]): Fault {
  const said = names.map((name) => `${name}: cannot change once the board is made, because ${FIXED[name]}`);
  return new Fault('INVALID_REQUEST', `${said.join('; ')}; make another board`, {
    field: names.join(', '),
    limit: 'as it was at creation',
    fix: `leave ${names.join(' and ')} out, or make another board`,
  });
}

/** By path, down to what is no object; lists are told whole. */
export function differenceOf(before: unknown, after: unknown, path = ''): BoardDifference {
  if (isSame(before, after)) return {};
  if (!isObject(before) || !isObject(after))
    return {
      [path]: {
        ...(before === undefined ? {} : { from: before }),
        ...(after === undefined ? {} : { to: after }),
      },
    };
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.assign(
    {},
    ...names.map((name) => differenceOf(before[name], after[name], path === '' ? name : `${path}.${name}`)),
  );
}

export const boardChanged = (id: string, seen: number, now: number): Fault =>
  new Fault(
    'BOARD_CHANGED',
    `if-match: board ${id} is at version ${now}, not ${seen}; somebody changed it meanwhile`,
    {
      field: 'if-match',
      limit: `version ${now}`,
      fix: 'read the board again, and make the change from there',
    },
  );

const isSame = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

/** Key order means nothing: the database gives its own. */
const canonical = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, inner) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1))) : inner,
  );

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
