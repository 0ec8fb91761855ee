/** Port: who players are, apart from their scores. Implemented by postgres/. */

export interface PlayerProfile {
  player: string;
  /** undefined: none was given. */
  name: string | undefined;
  /** When the name was given or taken away. */
  nameAt: number | undefined;
  /** On all boards. */
  hidden: boolean;
  createdAt: number;
}

export interface Naming {
  player: string;
  /** undefined takes it away. */
  name: string | undefined;
  at: number;
  /** Token subject, for the audit log. */
  by: string;
}

export interface PlayerStore {
  findPlayer(id: string): Promise<PlayerProfile | undefined>;
  /** Makes the player where there is none yet. The same name again is no change. */
  namePlayer(naming: Naming): Promise<PlayerProfile>;
  /** Only those that have one. */
  names(players: readonly string[]): Promise<Map<string, string>>;
}
