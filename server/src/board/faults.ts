import { Fault } from '@photofinish/shared/protocol/errors';

export const boardNotFound = (id: string): Fault =>
  new Fault('BOARD_NOT_FOUND', `board: there is no board ${id}; GET /v1/boards lists them`, {
    field: 'board',
    fix: 'GET /v1/boards lists them',
  });

export const seasonNotFound = (id: string): Fault =>
  new Fault(
    'SEASON_NOT_FOUND',
    `season: there is no season ${id}; GET /v1/boards/{board}/seasons lists them`,
    {
      field: 'season',
      fix: 'GET /v1/boards/{board}/seasons lists them',
    },
  );

export const seasonNotOpen = (board: string): Fault =>
  new Fault('SEASON_NOT_OPEN', `board: ${board} has no open season; an admin opens the next one`, {
    field: 'board',
    fix: 'open a season with POST /v1/admin/boards/{board}/seasons',
  });

export const matchNotFound = (id: string): Fault =>
  new Fault('MATCH_NOT_FOUND', `match: there is no match ${id}; use the id that match.start answered`, {
    field: 'match',
    fix: 'use the id that match.start answered',
  });
