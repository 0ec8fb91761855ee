import { Gauge, type Registry } from 'prom-client';
import type { Guarantee } from '../board/guarantee.ts';

export function guaranteeGauge(registry: Registry, guarantee: Guarantee): void {
  new Gauge({
    name: 'photofinish_guarantee_loss_accepted',
    help: 'Reasons why acknowledged scores may be lost that this server was told to accept with ACCEPT_LOSS. 0: the guarantee holds.',
    registers: [registry],
    collect() {
      this.set(guarantee.lossAccepted.length);
    },
  });
}
