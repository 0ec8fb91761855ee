/** What the page's address says, so that a link shows the same board. */

export const ROW_CHOICES = [10, 25, 50, 100] as const;
export const ROWS_DEFAULT = 10;

export interface Place {
  /** undefined: the first board there is. */
  board: string | undefined;
  rows: number;
}

/** @param search as in `location.search` */
export function placeOf(search: string): Place {
  const params = new URLSearchParams(search);
  const rows = Number(params.get('rows'));
  return {
    board: params.get('board') ?? undefined,
    rows: ROW_CHOICES.find((choice) => choice === rows) ?? ROWS_DEFAULT,
  };
}

/** Other parameters are left as they are. */
export function searchOf(search: string, place: Place): string {
  const params = new URLSearchParams(search);
  if (place.board === undefined) params.delete('board');
  else params.set('board', place.board);
  if (place.rows === ROWS_DEFAULT) params.delete('rows');
  else params.set('rows', String(place.rows));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** The WebSocket of the server that this page came from. @param page the page's own address */
export function socketUrlOf(page: string): string {
  const url = new URL('v1/ws', page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = '';
  url.hash = '';
  return url.href;
}
