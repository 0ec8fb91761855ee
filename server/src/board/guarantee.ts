/** What this server's acknowledgements are worth. Known once the stores have been looked at, at start. */

export interface Guarantee {
  /** Why acknowledged scores may be lost although the guarantee says otherwise: the operator started the server all the same, with
   *  ACCEPT_LOSS. Empty: the guarantee holds. Holds no address and no credential. */
  readonly lossAccepted: readonly string[];
}

export class StartupGuarantee implements Guarantee {
  readonly lossAccepted: string[] = [];

  accept(problems: readonly string[]): void {
    this.lossAccepted.push(...problems);
  }
}
