/** What one environment variable is, and the kinds of them that config.ts declares. */
import { z } from 'zod';

interface Bounds {
  min: number;
  max: number;
}

/** One environment variable. */
export interface Variable<S extends z.ZodType = z.ZodType> {
  schema: S;
  /** As it would stand in the environment; undefined when there is none. */
  default: string | undefined;
  required: boolean;
  /** Never shown, not even when it is wrong. */
  secret: boolean;
  /** What a value looks like, for the reference and for errors. */
  type: string;
  description: string;
  /** Stands in `.env.example` where there is no default. */
  example: string | undefined;
}

type Doc = { description: string; secret?: boolean; example?: string; type?: string };

export function variable<S extends z.ZodType>(
  schema: S,
  type: string,
  doc: Doc,
  rule: { default?: string; required?: boolean },
): Variable<S> {
  return {
    schema,
    type: doc.type ?? type,
    default: rule.default,
    required: rule.required ?? false,
    secret: doc.secret ?? false,
    description: doc.description,
    example: doc.example,
  };
}

export const wholeNumber = (bounds: Bounds) =>
  z
    .string()
    .regex(/^[0-9]{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(bounds.min).max(bounds.max));

export const number = (fallback: number, bounds: Bounds, doc: Doc) =>
  variable(wholeNumber(bounds), `a whole number from ${bounds.min} to ${bounds.max}`, doc, {
    default: String(fallback),
  });

export const flag = (fallback: boolean, doc: Doc) =>
  variable(
    z.enum(['true', 'false']).transform((text) => text === 'true'),
    'true or false',
    doc,
    {
      default: String(fallback),
    },
  );

export const choice = <const T extends readonly [string, ...string[]]>(
  values: T,
  fallback: T[number],
  doc: Doc,
) => variable(z.enum(values), `one of ${values.join(', ')}`, doc, { default: fallback });

const isUrl = (text: string, schemes: readonly string[]): boolean =>
  URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)) && new URL(text).host !== '';

export const urlSchema = (schemes: readonly string[]) => z.string().refine((text) => isUrl(text, schemes));
export const urlType = (schemes: readonly string[]) =>
  `a URL that starts with ${schemes.map((s) => `${s}://`).join(' or ')}`;

export const requiredUrl = (schemes: readonly string[], doc: Doc) =>
  variable(urlSchema(schemes), urlType(schemes), doc, { required: true });
export const optionalUrl = (schemes: readonly string[], doc: Doc) =>
  variable(urlSchema(schemes).optional(), urlType(schemes), doc, {});
export const optionalText = (doc: Doc) => variable(z.string().max(1_000).optional(), 'text', doc, {});
export const text = (fallback: string, doc: Doc) =>
  variable(z.string().max(255), 'text', doc, { default: fallback });
