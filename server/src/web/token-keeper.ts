/** The page's token: one that the server minted for it, or one that a person gave. Kept in memory only: it is gone with the page. */
import { Refusal, type ViewerToken } from './server-api.ts';

/** A minted token with less life left than this is replaced before it is used again. */
const RENEW_BEFORE_MS = 30_000;

/** There is no token, and only a person can give one. */
export class TokenNeeded extends Error {
  constructor() {
    super('a token is needed');
    this.name = 'TokenNeeded';
  }
}

export class TokenKeeper {
  readonly #mint: () => Promise<ViewerToken>;
  readonly #now: () => number;
  #given: string | undefined;
  #minted: ViewerToken | undefined;
  #minting: Promise<string> | undefined;
  #wasRefused = false;

  /** @param mint throws Refusal 404 where the server mints none for the page */
  constructor(mint: () => Promise<ViewerToken>, now: () => number) {
    this.#mint = mint;
    this.#now = now;
  }

  /** A token that was good when last heard of. Those who ask at once share one request.
   *  @throws TokenNeeded, or Refusal where a later try may help */
  token(): Promise<string> {
    if (this.#given !== undefined) return Promise.resolve(this.#given);
    if (this.#minted && this.#minted.expiresAt - this.#now() > RENEW_BEFORE_MS)
      return Promise.resolve(this.#minted.token);
    this.#minting ??= this.#renew().finally(() => {
      this.#minting = undefined;
    });
    return this.#minting;
  }

  /** The last token that a person gave was turned away. */
  get wasRefused(): boolean {
    return this.#wasRefused;
  }

  give(token: string): void {
    this.#given = token;
    this.#wasRefused = false;
  }

  /** The server may have turned the token away; a browser is not told. A minted one is replaced at the next use; a given one is
   *  kept until `isRefused` is sure, since only a person has another. @returns whether a person must give one now */
  async doubt(isRefused: () => Promise<boolean>): Promise<boolean> {
    this.#minted = undefined;
    const given = this.#given;
    if (given === undefined || !(await isRefused()) || this.#given !== given) return false;
    this.#given = undefined;
    this.#wasRefused = true;
    return true;
  }

  async #renew(): Promise<string> {
    try {
      this.#minted = await this.#mint();
      return this.#minted.token;
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) throw new TokenNeeded();
      throw error;
    }
  }
}
