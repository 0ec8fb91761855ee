/** Names of players, for display beside the id: NFC, one line, no characters that hide or turn the text around them.
 *  Two players may have the same name; the id tells them apart. */
import { z } from 'zod';

/** In code points. */
export const NAME_LENGTH_MAX = 64;
/** More marks on one letter run into the lines above and below. */
const MARKS_IN_A_ROW_MAX = 4;

/** Control, format (bidirectional and invisible ones among them), surrogate and private-use characters, line and paragraph separators.
 *  The joiners U+200C and U+200D shape letters of several scripts, and emoji. */
const UNFIT = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
const SEEN = /[\p{L}\p{N}\p{P}\p{S}]/u;
const MANY_MARKS = new RegExp(`\\p{M}{${MARKS_IN_A_ROW_MAX + 1}}`, 'u');

/** Spaces of every kind become one plain space, none at the ends. */
const tidy = (name: string): string =>
  name
    .normalize('NFC')
    .replace(/\p{Zs}+/gu, ' ')
    .trim();

export const playerNameSchema = z
  .string()
  // Before anything is done with it.
  .max(NAME_LENGTH_MAX * 8, `must be at most ${NAME_LENGTH_MAX} characters`)
  .overwrite(tidy)
  .refine((name) => [...name].length <= NAME_LENGTH_MAX, {
    message: `must be at most ${NAME_LENGTH_MAX} characters`,
  })
  .refine((name) => !UNFIT.test(name), {
    message: 'must not hold control, direction or other invisible characters',
  })
  .refine((name) => SEEN.test(name), { message: 'must hold a letter, a digit or a sign' })
  .refine((name) => !MANY_MARKS.test(name), {
    message: `must not hold more than ${MARKS_IN_A_ROW_MAX} combining marks in a row`,
  })
  .describe(
    `Shown in place of the id: 1 to ${NAME_LENGTH_MAX} characters after NFC, without control, direction and invisible ones`,
  );
