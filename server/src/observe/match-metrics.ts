import { Counter, type Registry } from 'prom-client';
import type { MatchObserver } from '../board/match-keeper.ts';

export function matchObserver(registry: Registry): MatchObserver {
  const abandoned = new Counter({
    name: 'photofinish_match_abandoned_total',
    help: 'Matches that this server abandoned because nobody played them for the timeout of their board.',
    registers: [registry],
  });
  return { abandoned: (matches) => abandoned.inc(matches) };
}
