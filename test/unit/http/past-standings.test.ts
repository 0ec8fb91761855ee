import { describe, expect, it } from 'vitest';
import { buildApp } from '../../../server/src/http/app.ts';
import { doubles } from './doubles.ts';

async function ask(at: string) {
  const { deps, calls } = doubles();
  const response = await buildApp(deps).request(`/v1/seasons/s1/standings?at=${encodeURIComponent(at)}`);
  return { status: response.status, body: await response.json(), calls };
}

describe('the moment of past standings', () => {
  it('[TT4] is milliseconds, or ISO 8601 with its offset', async () => {
    const ms = Date.parse('2026-03-01T18:00:00Z');
    for (const at of [
      String(ms),
      '2026-03-01T18:00:00Z',
      '2026-03-01T19:00+01:00',
      '2026-03-01T19:00 01:00', // a + that nobody escaped
      '2026-03-01T18:00:00.000Z',
    ])
      expect(await ask(at)).toMatchObject({ status: 200, body: { at: ms }, calls: [['past', 's1', ms]] });
  });

  it('[TT4] is refused by name in any other form, a local time among them', async () => {
    for (const at of ['', 'yesterday', '2026-03-01', '2026-03-01T18:00:00', '-5', '1e3', '2026-13-01T00:00Z'])
      expect(await ask(at)).toMatchObject({
        ...{ status: 400, calls: [] },
        body: {
          ...{ field: 'at', message: expect.stringContaining('ISO 8601 with its offset') },
          limit: expect.stringMatching(/^milliseconds since/),
          fix: expect.stringMatching(/^make at milliseconds since/),
        },
      });
  });
});
