/** Reads whose entries carry their players' names. */
import type { Names } from './names.ts';
import { Reads } from './reads.ts';

type Of<M extends 'top' | 'range' | 'around' | 'ranks'> = Parameters<Reads[M]>[0];

export class NamedReads extends Reads {
  readonly #names: Names;

  constructor(deps: ConstructorParameters<typeof Reads>[0] & { names: Names }) {
    super(deps);
    this.#names = deps.names;
  }

  override async top(of: Of<'top'>) {
    return this.#named(await super.top(of));
  }

  override async range(of: Of<'range'>) {
    return this.#named(await super.range(of));
  }

  override async around(of: Of<'around'>) {
    return this.#named(await super.around(of));
  }

  override async ranks(of: Of<'ranks'>) {
    return this.#named(await super.ranks(of));
  }

  async #named<E extends { player: string }, A extends { entries: E[] }>(
    answer: A & { entries: E[] },
  ): Promise<A> {
    return { ...answer, entries: await this.#names.decorate(answer.entries) };
  }
}
