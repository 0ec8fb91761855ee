import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../server/src/web/server-api.ts';
import { TokenKeeper, TokenNeeded } from '../../../server/src/web/token-keeper.ts';

function keeperAt(clock: { now: number }, ttlMs = 600_000) {
  const minted: string[] = [];
  const mint = async () => {
    minted.push(`minted-${minted.length + 1}`);
    return { token: `minted-${minted.length}`, expiresAt: clock.now + ttlMs };
  };
  return { keeper: new TokenKeeper(mint, () => clock.now), minted };
}
const yes = async () => true;
const no = async () => false;

describe("the page's token", () => {
  it('[LP11] is minted once, however many ask, and again before it ends', async () => {
    const clock = { now: 0 };
    const { keeper, minted } = keeperAt(clock);
    expect(await Promise.all([keeper.token(), keeper.token()])).toEqual(['minted-1', 'minted-1']);
    clock.now = 569_000;
    expect(await keeper.token()).toBe('minted-1');
    clock.now = 571_000;
    expect(await keeper.token()).toBe('minted-2');
    expect(minted).toHaveLength(2);
  });

  it('[LP11] is replaced when the server may have turned it away', async () => {
    const { keeper } = keeperAt({ now: 0 });
    await keeper.token();
    expect(await keeper.doubt(yes)).toBe(false);
    expect(await keeper.token()).toBe('minted-2');
  });

  it('[LP11] must come from a person where the server mints none, and is forgotten only when surely refused', async () => {
    const keeper = new TokenKeeper(
      () => Promise.reject(new Refusal(404, 'none')),
      () => 0,
    );
    await expect(keeper.token()).rejects.toBeInstanceOf(TokenNeeded);
    keeper.give('mine');
    expect(await keeper.doubt(no)).toBe(false);
    expect(await keeper.token()).toBe('mine');
    expect(await keeper.doubt(yes)).toBe(true);
    expect(keeper.wasRefused).toBe(true);
    await expect(keeper.token()).rejects.toBeInstanceOf(TokenNeeded);
  });

  it('[LP11] a failure that a later try may cure asks nobody for a token', async () => {
    let fails = true;
    const keeper = new TokenKeeper(
      async () => {
        if (fails) throw new Refusal(503, 'later');
        return { token: 't', expiresAt: 600_000 };
      },
      () => 0,
    );
    await expect(keeper.token()).rejects.toMatchObject({ status: 503 });
    fails = false;
    expect(await keeper.token()).toBe('t');
  });
});
