import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostgresAuditStore } from '../../../server/src/postgres/audit-store.ts';
import { PostgresHidingStore } from '../../../server/src/postgres/hiding-store.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let db: TestDatabase;
let audit: PostgresAuditStore;
beforeAll(async () => {
  db = await testDatabase();
  audit = new PostgresAuditStore(db.postgres);
});
afterAll(() => db.close());

describe('the audit log', () => {
  test('[HT16] is read newest first, by what was changed, by whom and how, a page at a time', async () => {
    const hiding = new PostgresHidingStore(db.postgres);
    const change = (players: string[], hidden: boolean, by: string) => hiding.change({ players, hidden, by });
    await change(['au-a'], true, 'au-boss');
    await change(['au-a'], false, 'au-other');
    await change(['au-b'], true, 'au-boss');
    const list = async (of: Partial<Parameters<typeof audit.list>[0]>) =>
      (await audit.list({ limit: 10, ...of })).map(({ action, by, target }) => [action, by, target]);
    const hid = ['player.hide', 'au-boss', 'au-a'];
    const showed = ['player.unhide', 'au-other', 'au-a'];
    expect(await list({ target: 'au-a' })).toEqual([showed, hid]);
    expect(await list({ by: 'au-boss' })).toEqual([['player.hide', 'au-boss', 'au-b'], hid]);
    expect(await list({ action: 'player.hide', target: 'au-a' })).toEqual([hid]);
    const [newest] = await audit.list({ target: 'au-a', limit: 1 });
    expect(newest).toMatchObject({ action: 'player.unhide', detail: { board: null } });
    expect(newest?.at).toBeGreaterThan(0);
    expect(await list({ target: 'au-a', before: newest?.id })).toEqual([hid]);
  });
});
