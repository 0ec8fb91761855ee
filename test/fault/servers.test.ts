import { describe, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { until } from '../support/condition.ts';
import { freeze } from '../support/process-group.ts';
import { Deltas, expectExact, seasonOf, setTable, windowOf, wireOf } from '../support/table.ts';

describe('servers', () => {
  it('[FT11] two flushers at once: every acked tick is there once, and both databases agree', async () => {
    const { server, another } = await setTable();
    const other = await another();
    const [wire, second] = [await wireOf(server), await wireOf(other, 'second')];
    const one = new Deltas().start(10, () => wire);
    await until('some acks', () => one.count > 100);
    const season = await seasonOf(server, 'free');
    // An admin's flush asks for no lease: both claim, write and ack the same entries at the same time.
    for (let round = 0; round < 10; round++)
      await Promise.all(
        [server, other].map((each) => must(each, 'POST', `/v1/admin/seasons/${season}/flush`)),
      );
    await second.ok({ type: 'top', board: 'free' });
    await one.stop();
    await expectExact(other, one);
  });

  it('[FT12] a flusher that was stopped and wakes up late writes nothing older and takes no mark away', async () => {
    const { server, another } = await setTable();
    const other = await another();
    const wire = await wireOf(other);
    const deltas = new Deltas().start(10, () => wire);
    const season = await seasonOf(other, 'free');
    for (let round = 0; round < 4; round++) {
      const before = deltas.count;
      await until('the flushers work', () => deltas.count > before + 100);
      const goOn = freeze(server.pid);
      try {
        const at = (await windowOf(other, season)).watermark?.version ?? 0;
        await until(
          'the other one flushes alone, past the lease',
          async () => ((await windowOf(other, season)).watermark?.version ?? 0) > at + 100,
        );
      } finally {
        goOn();
      }
    }
    await deltas.stop();
    await expectExact(server, deltas);
  });

  it('[FT13] SIGTERM under load: what was taken is answered and flushed, exit 0, and clients go on elsewhere', async () => {
    const { server, another } = await setTable({ SHUTDOWN_TIMEOUT_MS: '20000' });
    const other = await another();
    let wire = await wireOf(server);
    const deltas = new Deltas().start(20, () => wire);
    await until('some hundred acks', () => deltas.count > 300);
    const elsewhere = await wireOf(other);
    const closed = wire.closed.then(({ code }) => {
      wire = elsewhere;
      return code;
    });
    expect(await server.kill('SIGTERM')).toBe(0);
    expect(await closed).toBe(1012);
    const before = deltas.count;
    await until('they go on', () => deltas.count > before + 300);
    await deltas.stop();
    await expectExact(other, deltas);
  });
});
