/** `list` in parts of at most `size`; one empty part for an empty list, so that a call that must be made is made. */
export function chunksOf<T>(list: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  let first = 0;
  do {
    chunks.push(list.slice(first, first + size));
    first += size;
  } while (first < list.length);
  return chunks;
}
