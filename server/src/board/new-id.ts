/** Ids that the server gives to seasons, matches and settlements. */
import { customAlphabet } from 'nanoid';

const LETTERS_AND_DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** 71 bits of chance: of a million ids a day for ten years, two are the same with a probability of 0.2 %, and Postgres refuses the second. Letters and digits alone,
 *  because people put ids on command lines, where one that begins with `-` is taken for an option. */
export const newId = customAlphabet(LETTERS_AND_DIGITS, 12);
