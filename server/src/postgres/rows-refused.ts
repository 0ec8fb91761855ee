import { RowsRefused } from '../flush/snapshot-store.ts';
import { isDataError, rootOf, sqlStateOf } from './faults.ts';

/** Keeps one parked row readable. */
const REASON_LENGTH_MAX = 500;

/** For `catch`: tells a row that can never be written from a database that cannot write now. @throws always */
export function rowsRefused(error: unknown): never {
  const root = rootOf(error);
  if (!isDataError(root) || !(root instanceof Error)) throw error;
  throw new RowsRefused(root.message.slice(0, REASON_LENGTH_MAX), sqlStateOf(root) ?? '');
}
