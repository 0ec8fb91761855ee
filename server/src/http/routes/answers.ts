/** How routes describe what they answer, so that each says it in one line. */
import { z } from '@hono/zod-openapi';
import { PROBLEM_TYPE } from '../problem.ts';
import { problemAnswer } from '../schemas.ts';

const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** Every route may fail; handlers throw, and the app makes the problem document. */
const problem = {
  description: 'Anything that went wrong',
  content: { [PROBLEM_TYPE]: { schema: problemAnswer } },
} as const;

export const ok = <S extends z.ZodType>(schema: S, description: string) => ({
  200: json(schema, description),
  default: problem,
});

export const created = <S extends z.ZodType>(schema: S, description: string) => ({
  201: { ...json(schema, description), headers: z.object({ location: z.string() }) },
  default: problem,
});

export const text = (description: string) => ({
  200: { description, content: { 'text/plain': { schema: z.string() } } },
  default: problem,
});

export const bearer = { security: [{ bearer: [] }] };

/** Public, and of private boards with a token. */
export const maybeBearer = { security: [{}, { bearer: [] }] };
