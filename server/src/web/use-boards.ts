/** A token, then the list of boards: what must be there before there is anything to follow. */

import type { Board } from '@photofinish/shared/domain/board';
import { useEffect, useState } from 'preact/hooks';
import { Refusal, type ServerApi } from './server-api.ts';
import { type TokenKeeper, TokenNeeded } from './token-keeper.ts';

export type Boards =
  | { kind: 'loading' }
  | { kind: 'token-needed'; wasRefused: boolean }
  | { kind: 'unreachable'; message: string }
  | { kind: 'loaded'; boards: Board[]; lossAccepted: string[] };

/** How soon to ask again where there is nothing yet: no answer, or no boards. */
const AGAIN_MS = 3_000;

/** @param round another number starts anew: a token was given, or turned away */
export function useBoards(api: ServerApi, keeper: TokenKeeper, round: number): Boards {
  const [boards, setBoards] = useState<Boards>({ kind: 'loading' });
  useEffect(() => {
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      const next = await loadBoards(api, keeper);
      if (!isCurrent) return;
      setBoards(next);
      const isEmpty = next.kind === 'loaded' && next.boards.length === 0;
      if (isEmpty || next.kind === 'unreachable') timer = setTimeout(load, AGAIN_MS);
    };
    load();
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [api, keeper, round]);
  return boards;
}

async function loadBoards(api: ServerApi, keeper: TokenKeeper): Promise<Boards> {
  try {
    // The list is public, but without a token there would be no board to follow.
    await keeper.token();
    const { boards, lossAccepted = [] } = await api.boardList();
    return { kind: 'loaded', boards, lossAccepted };
  } catch (error) {
    if (error instanceof TokenNeeded) return { kind: 'token-needed', wasRefused: keeper.wasRefused };
    const message =
      error instanceof Refusal ? error.message : 'The server gave an answer that this page cannot read.';
    return { kind: 'unreachable', message };
  }
}
