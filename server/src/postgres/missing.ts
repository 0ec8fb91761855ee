/** Faults for what is not in the database. */
import { Fault } from '@photofinish/shared/protocol/errors';

export const boardNotFound = (id: string): Fault =>
  new Fault('BOARD_NOT_FOUND', `board: there is no board ${id}`, {
    field: 'board',
    fix: 'name an existing board',
  });

export const seasonNotFound = (id: string): Fault =>
  new Fault('SEASON_NOT_FOUND', `season: there is no season ${id}`, {
    field: 'season',
    fix: 'name an existing season',
  });

export const boardArchived = (id: string): Fault =>
  new Fault('BOARD_ARCHIVED', `board: ${id} is archived, and opens no season`, {
    field: 'board',
    limit: 'seasons of boards in use',
    fix: `take it into use again with POST /v1/admin/boards/${id}/unarchive`,
  });
