/** What the two experiments on the flush share: a season full of dirty entries, flushed at one word. */
import { checkSeason } from './check.ts';
import type { Child } from './child.ts';
import type { DriverMethods } from './client/redis-driver.ts';
import { cpuUs } from './cpu.ts';
import type { Stage } from './experiment.ts';
import { firstScore, playerId } from './players.ts';
import type { Product } from './product.ts';
import { type BenchSeason, createSeason, FLUSH_ON_DEMAND, flush, TICKS_UNREFUSED } from './season.ts';
import { FILL_BATCH, startDriver, startServer } from './ticking.ts';

export interface Flushed {
  rowsPerSecond: number;
  serverUs: number;
  season: BenchSeason;
}

export class Flushing {
  readonly #stage: Stage;
  readonly #product: Product;
  readonly #driver: Child<DriverMethods>;
  readonly #seasons: BenchSeason[] = [];

  private constructor(stage: Stage, product: Product, driver: Child<DriverMethods>) {
    this.#stage = stage;
    this.#product = product;
    this.#driver = driver;
  }

  static async start(stage: Stage): Promise<Flushing> {
    return new Flushing(stage, await startServer(stage), await startDriver(stage));
  }

  /** A new season of `scale.flushRows` entries, all dirty, flushed in one go. */
  async flush(): Promise<Flushed> {
    const rows = this.#stage.scale.flushRows;
    const season = await createSeason(this.#product, {
      ...{ id: `flush-${this.#seasons.length}`, title: 'Bench', kind: 'open', operator: 'best' },
      ...{ ticks: TICKS_UNREFUSED, flush: FLUSH_ON_DEMAND },
    });
    this.#seasons.push(season);
    await this.#driver.call('fill', { season, entries: rows, batch: FILL_BATCH });
    await this.#driver.call('forget', { season: season.id });
    const [startedAt, cpu] = [performance.now(), cpuUs(this.#product.pid)];
    await flush(this.#product, season.id);
    const ms = performance.now() - startedAt;
    return { rowsPerSecond: (rows * 1_000) / ms, serverUs: (cpuUs(this.#product.pid) - cpu) / rows, season };
  }

  async check(): Promise<number> {
    const rows = this.#stage.scale.flushRows;
    const acked = new Map(Array.from({ length: rows }, (_, i) => [playerId(i), firstScore(i)]));
    let checked = 0;
    for (const season of this.#seasons) checked += await checkSeason(this.#stage.world, season, acked);
    return checked;
  }
}
