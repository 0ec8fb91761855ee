/** The players of the bench, and what each one's scores are: known on both sides of every comparison without being sent. */

/** 16 characters, as a short id has. */
export const playerId = (number: number): string => `player-${String(number).padStart(9, '0')}`;

export const numberOf = (player: string): number => Number(player.slice('player-'.length));

/** What a season is filled with, before anything is measured. */
export const firstScore = (number: number): number => (number * 7_919) % 1_000_003;
