/** Starts matches over the wire. */
import { openWire } from '../support/wire.ts';

export async function startMatches(
  url: string,
  token: string,
  { board, count }: { board: string; count: number },
): Promise<string[]> {
  const wire = await openWire(url, token);
  try {
    const replies = await Promise.all(
      Array.from({ length: count }, () => wire.ok({ type: 'match.start', board })),
    );
    return replies.map(({ match }) => String(match));
  } finally {
    wire.close();
  }
}
