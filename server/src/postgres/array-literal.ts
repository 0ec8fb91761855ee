/** Columns of rows as Postgres array literals, for `unnest`: one parameter per column instead of one per value, and no per-element
 *  work in the driver. The statement must cast the parameter (`::bigint[]`).
 *
 *  Built by appending: a list of parts that is joined costs twice as much, and a flush does this for every column of every row
 *  (`flush.cpu`). */

export function wholeArray(values: readonly (number | null)[]): string {
  let text = '';
  for (const value of values) text += `,${value}`;
  return literal(text);
}

export function booleanArray(values: readonly boolean[]): string {
  let text = '';
  for (const value of values) text += `,${value}`;
  return literal(text);
}

export function textArray(values: readonly string[]): string {
  let text = '';
  for (const value of values) text += `,${quoted(value)}`;
  return literal(text);
}

export function nullableTextArray(values: readonly (string | null)[]): string {
  let text = '';
  for (const value of values) text += value === null ? ',null' : `,${quoted(value)}`;
  return literal(text);
}

/** `textArray`, but nothing at all where every text is '': `unnest` fills a list that is too short with null. */
export const textArrayOrNone = (values: readonly string[]): string =>
  values.every((value) => value === '') ? '{}' : textArray(values);

/** The same of null. */
export const nullableTextArrayOrNone = (values: readonly (string | null)[]): string =>
  values.every((value) => value === null) ? '{}' : nullableTextArray(values);

/** @param text of elements, each after a comma */
export const literal = (text: string): string => `{${text.slice(1)}}`;

/** Ids, which most texts are, hold nothing to escape. */
export const quoted = (value: string): string =>
  value.includes('"') || value.includes('\\') ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`;
