/** Plays a document's examples: blocks marked `jsonl send as=NAME` and `jsonl receive as=NAME`, one message per line.
 *
 *  `"<name>"` stands for a string and `<name>` for a number that the server chose: the first answer fixes it, later ones must
 *  agree, and requests use it. The names in FREE fix nothing. */
import type { Fence } from './documents.ts';

export const FREE = new Set(['time', 'number', 'text']);
export type Bindings = Map<string, string | number>;

const HOLE = /"?<([a-z-]+)>"?/g;
const MARK = '\u0000';

export interface Example {
  kind: 'send' | 'receive';
  as: string;
  lines: string[];
  line: number;
}

/** Examples in the order of the document. @throws Error for a mark that is neither */
export function examplesOf(fences: readonly Fence[]): Example[] {
  return fences
    .filter(({ language }) => language === 'jsonl')
    .map(({ words, text, line }) => {
      const [kind, as] = [words[0], words[1]?.replace('as=', '')];
      if ((kind !== 'send' && kind !== 'receive') || !as)
        throw new Error(`line ${line}: mark the block "send as=NAME" or "receive as=NAME"`);
      return { kind, as, lines: text.split('\n'), line };
    });
}

/** The line with every hole filled. Lines that are not JSON pass through. @throws Error for a name that nothing has fixed yet */
export function fill(line: string, bindings: Bindings): string {
  return line.replace(HOLE, (_, name: string) => {
    const value = bindings.get(name);
    if (value === undefined) throw new Error(`<${name}> has no value yet`);
    return JSON.stringify(value);
  });
}

/** The expected document, its holes as strings that no message can hold. */
export function expectation(line: string): Record<string, unknown> {
  const marked = line.replace(HOLE, (hole, name: string) =>
    JSON.stringify(`${MARK}${hole.startsWith('"') ? 'string' : 'number'} ${name}`),
  );
  return JSON.parse(marked) as Record<string, unknown>;
}

/** Where `actual` differs from what is expected: a path and why, or undefined. Fixes names in `bindings` on the way. */
export function difference(
  expected: unknown,
  actual: unknown,
  bindings: Bindings,
  path = 'document',
): string | undefined {
  if (typeof expected === 'string' && expected.startsWith(MARK)) {
    const [type, name] = expected.slice(1).split(' ') as [string, string];
    if (typeof actual !== type) return `${path}: ${JSON.stringify(actual)} is not a ${type}`;
    if (FREE.has(name)) return undefined;
    const known = bindings.get(name);
    if (known === undefined) bindings.set(name, actual as string | number);
    else if (known !== actual) return `${path}: ${actual} is not the <${name}> of before, ${known}`;
    return undefined;
  }
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null)
    return expected === actual
      ? undefined
      : `${path}: ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`;
  const [left, right] = [Object.keys(expected).sort(), Object.keys(actual).sort()];
  if (left.join() !== right.join()) return `${path}: has ${right.join(', ')}, not ${left.join(', ')}`;
  for (const key of left) {
    const found = difference(
      (expected as Record<string, unknown>)[key],
      (actual as Record<string, unknown>)[key],
      bindings,
      `${path}.${key}`,
    );
    if (found) return found;
  }
  return undefined;
}
