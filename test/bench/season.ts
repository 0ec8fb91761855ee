/** Boards and seasons of the bench, made through the product's own door. */
import { type Board, type BoardInput, boardSchema } from '@photofinish/shared/domain/board';
import { must } from '../support/admin.ts';
import type { Product } from './product.ts';

export interface BenchSeason {
  id: string;
  board: Board;
}

/** Never by itself: for experiments that flush when they say so. */
export const FLUSH_ON_DEMAND = {
  intervalMs: 600_000,
  dirtyThreshold: 10_000_000,
  dirtyBackground: 10_000_000,
  dirtyLimit: 10_000_000,
  windowLimitMs: 86_400_000,
};

export const TICKS_UNREFUSED = { maxPerSecond: 10_000, writers: ['server' as const] };

/** Creates the board and waits until its season is warm. */
export async function createSeason(product: Product, input: BoardInput): Promise<BenchSeason> {
  await must(product, 'POST', '/v1/admin/boards', input);
  const { season } = await must(product, 'GET', `/v1/boards/${input.id}/top?limit=1`);
  return { id: season, board: boardSchema.parse(input) };
}

/** Commits everything that was acknowledged before. */
export const flush = (product: Product, season: string): Promise<unknown> =>
  must(product, 'POST', `/v1/admin/seasons/${season}/flush`);
