/** Pages of a board, one after the other, by cursor. */
import type { PageAnswer } from '../protocol/reads.ts';

/** Each player at most once, though scores move: one whose entry got worse after it was read comes again further down, and is left out there.
 *  One that did not move is never missing. Keeps the ids of all players that it gave: some 100 bytes each.
 *  @param read one page, from a cursor on */
export async function* pagesOf<A extends PageAnswer>(
  read: (cursor: string | undefined) => Promise<A>,
): AsyncGenerator<A, void, undefined> {
  const given = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    const entries = page.entries.filter(({ player }) => !given.has(player));
    for (const { player } of entries) given.add(player);
    yield { ...page, entries };
    cursor = page.next;
  } while (cursor !== undefined);
}
