/** Counters that cost one addition on the hot path: plain numbers, copied to the registry when it is scraped. */
import { Counter, type Registry } from 'prom-client';

/** @param of `values` are all values that the label may have, so that every series exists from the start
 *  @returns the numbers; add to them */
export function tally<K extends string>(
  registry: Registry,
  of: { name: string; help: string; label: string; values: readonly K[] },
): Record<K, number> {
  const counts = Object.fromEntries(of.values.map((value) => [value, 0])) as Record<K, number>;
  new Counter({
    name: of.name,
    help: of.help,
    labelNames: [of.label],
    registers: [registry],
    collect() {
      this.reset();
      for (const value of of.values) this.inc({ [of.label]: value }, counts[value]);
    },
  });
  return counts;
}
