/** What the server sends unasked: no `id`. */
import { z } from 'zod';
import { playerRankSchema, positionFields, rankedEntrySchema } from './reads.ts';
import { durabilityShape } from './replies.ts';

const position = positionFields;

/** How much a loss of Redis now could cost, from the moment it was measured. */
export const windowSchema = z.object({
  dirty: z.number().int().describe('Entries in Redis and not yet in Postgres'),
  oldestDirtyMs: z.number().int().describe('Age of the oldest of them: the consistency window'),
});

/** A top subscription's news. `snapshot` replaces what the client has; `delta` holds the rows whose place shows something
 *  new, and applies only to what the client holds at `from`: keep the first `length` rows, put each row at its place, which is its rank where the
 *  row has none. */
export const pushSchemas = {
  snapshot: z.object({
    type: z.literal('snapshot'),
    subscription: z.number().int(),
    season: z.string(),
    state: z.string(),
    ...position,
    total: z.number().int(),
    entries: z.array(rankedEntrySchema),
  }),
  delta: z.object({
    type: z.literal('delta'),
    subscription: z.number().int(),
    season: z.string(),
    from: z.object(position),
    ...position,
    total: z.number().int(),
    length: z.number().int(),
    changed: z.array(rankedEntrySchema),
  }),
  /** Views `around` and `players`: replaces what the client has. */
  places: z.object({
    type: z.literal('places'),
    subscription: z.number().int(),
    season: z.string(),
    state: z.string(),
    ...position,
    bucket: z.string().optional(),
    total: z.number().int(),
    entries: z
      .array(z.union([playerRankSchema, rankedEntrySchema]))
      .describe(
        'around: in the total order, none while the player has no place. players: in the order asked, with percentiles',
      ),
  }),
  window: z.object({
    type: z.literal('window'),
    subscription: z.number().int(),
    season: z.string(),
    ...windowSchema.shape,
  }),
  /** View `durability`: what was acked in the watermark's epoch, up to its version, is committed. Another `epoch` than that of an ack: the
   *  season lost its memory since, and what was acked and not committed must be sent again, with its seq. */
  watermark: z.object({
    type: z.literal('watermark'),
    subscription: z.number().int(),
    ...durabilityShape,
  }),
  stopping: z.object({ type: z.literal('stopping'), message: z.string() }),
} as const;

export type PushType = keyof typeof pushSchemas;
export type Push<T extends PushType = PushType> = { [K in T]: z.infer<(typeof pushSchemas)[K]> }[T];
