/** Columns of rows as Postgres array literals, for `unnest`: one parameter per column instead of one per value, and no per-element
 *  work in the driver. The statement must cast the parameter (`::bigint[]`). */

export const wholeArray = (values: readonly (number | null)[]): string =>
  `{${values.map((value) => value ?? 'null').join(',')}}`;

export const booleanArray = (values: readonly boolean[]): string => `{${values.join(',')}}`;

export const textArray = (values: readonly string[]): string => `{${values.map(quoted).join(',')}}`;

export const nullableTextArray = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => (value === null ? 'null' : quoted(value))).join(',')}}`;

const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
