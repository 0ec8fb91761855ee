/** Ids of boards, seasons, players and matches.
 *
 *  ASCII letters, digits and `. _ ~ -` only, so that Redis byte order and SQL `COLLATE "C"` agree and
 *  no id can leave its Redis key, its hash tag or its URL segment. */
export const ID_PATTERN = /^[A-Za-z0-9._~-]{1,64}$/;

export const isId = (value: unknown): value is string => typeof value === 'string' && ID_PATTERN.test(value);
