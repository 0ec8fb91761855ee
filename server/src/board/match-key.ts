import { stampOf } from '@photofinish/shared/domain/order';

/** A match's id behind its start stamp: byte order is start order, so a script can tell a newer match from an older one. */
export const matchKeyOf = (match: { id: string; startedAt: number }): string =>
  stampOf(match.startedAt) + match.id;
