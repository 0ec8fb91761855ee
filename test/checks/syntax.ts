/** Reads TypeScript with the parser that Vite ships: TypeScript 7 has no API for JavaScript programs. */
import { parseSync } from 'vite';

export interface Node {
  type: string;
  start: number;
  [field: string]: unknown;
}

export interface Source {
  path: string;
  text: string;
  program: Node;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** @throws Error naming the file when it does not parse */
export function parse(path: string, text: string): Source {
  const result = parseSync(path, text);
  const wrong = result.errors[0];
  if (wrong) throw new Error(`${path}: ${wrong.message}`);
  return { path, text, program: result.program as unknown as Node };
}

/** The nodes directly below, in source order. */
export function* childrenOf(node: Node): Generator<Node> {
  for (const value of Object.values(node)) {
    if (isNode(value)) yield value;
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) yield item;
  }
}

export function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* walk(child);
}

export const lineOf = (source: Source, node: Node): number =>
  source.text.slice(0, node.start).split('\n').length;

/** The text of a string or of a template up to its first hole; undefined for anything else. */
export function literalOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Literal' && typeof value['value'] === 'string') return value['value'];
  if (value.type !== 'TemplateLiteral') return undefined;
  const first = (value['quasis'] as { value: { cooked: string } }[])[0];
  return first?.value.cooked;
}

/** `a.b.c` of a chain of plain names; undefined for anything else. */
export function nameOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Identifier') return value['name'] as string;
  if (value.type !== 'MemberExpression') return undefined;
  const object = nameOf(value['object']);
  const property = value['computed'] ? literalOf(value['property']) : nameOf(value['property']);
  return object && property ? `${object}.${property}` : undefined;
}
