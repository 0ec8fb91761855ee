/** Moments as callers write them. */
import { z } from '@hono/zod-openapi';

export const MOMENT =
  'milliseconds since the Unix epoch, or ISO 8601 with its offset, as 2026-03-01T18:00:00Z';

/** Without an offset it would be the server's own time zone. */
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** In a query, where a `+` that is not escaped arrives as a space. */
export const momentText = z
  .string()
  .transform((text) => text.replace(' ', '+'))
  .transform((text) =>
    /^\d{1,15}$/.test(text) ? Number(text) : ISO.test(text) ? Date.parse(text) : Number.NaN,
  )
  .refine((ms) => Number.isSafeInteger(ms), `must be ${MOMENT}`);

/** In a body. */
export const moment = z
  .union([z.number().int().min(0).max(999_999_999_999_999), momentText], `must be ${MOMENT}`)
  .describe(`A moment: ${MOMENT}`);
