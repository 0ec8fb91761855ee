import type { MatchDetail } from '../../board/match-life-store.ts';
import type { Connection } from '../connection.ts';
import { findMatch } from './find-match.ts';

/** The players that the match kept, and those who have a final. */
export async function findMatchDetail(
  { db, sql }: Connection,
  id: string,
  playersMax: number,
): Promise<MatchDetail | undefined> {
  const match = await findMatch(db, id);
  if (!match) return undefined;
  const players = await sql<MatchDetail['players'][number][]>`
    select coalesce(p.player, f.player) as player, p.joined_at as "joinedAt", f.score as final
    from (select player, joined_at from match_players where season = ${match.season} and match = ${id}) as p
    full join (select player, score from final_scores where season = ${match.season} and match = ${id}) as f
      on f.player = p.player
    order by 1 limit ${playersMax}`;
  return { ...match, players: [...players] };
}
