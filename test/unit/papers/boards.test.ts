import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { boardSchema } from '@photofinish/shared/domain/board';
import { expect, test } from 'vitest';

test('[PA5] boards.json holds boards that the schema takes', () => {
  const file = readFileSync(resolve(import.meta.dirname, '../../../boards.json'), 'utf8');
  const boards = boardSchema.array().parse(JSON.parse(file));
  expect(boards.map((board) => [board.id, board.kind, board.operator, board.sortOrder])).toEqual([
    ['arena', 'match', 'best', 'desc'],
    ['laps', 'match', 'best', 'asc'],
    ['likes', 'open', 'sum', 'desc'],
  ]);
  expect(boards[0]?.prizes.bands.length).toBeGreaterThan(0);
});
