/** Alerts: one line in the log, one count and one message per incident, and the same when it is over.
 *
 *  Each server tells of what it sees itself; a receiver that hears of the same alert from two servers may take them for one. */
import { randomUUID } from 'node:crypto';
import { Gauge, type Registry } from 'prom-client';
import { ALERTS, type Alarm, type AlertName } from '../flush/alarm.ts';
import type { Log } from './log.ts';
import { tally } from './tally.ts';

export interface AlertNotice {
  type: 'alert.raised' | 'alert.cleared';
  /** The same in both messages of an incident. */
  incident: string;
  alert: AlertName;
  meaning: string;
  /** What raised it first, or was cleared last. */
  subject: string;
  detail: Readonly<Record<string, unknown>>;
  raisedAt: number;
  /** When this message was made, in milliseconds. */
  at: number;
  server: string;
}

interface Incident {
  id: string;
  raisedAt: number;
  subjects: Set<string>;
}

const NAMES = Object.keys(ALERTS) as AlertName[];
/** An incident lasts until all of its subjects are cleared, so past it an alert could end too early: with so many, nobody would mind. */
const SUBJECTS_MAX = 10_000;

export class Alerts implements Alarm {
  readonly #deps: { log: Log; clock: () => number; server: string; send: (notice: AlertNotice) => void };
  readonly #incidents = new Map<AlertName, Incident>();
  readonly #raised: Record<AlertName, number>;

  constructor(
    registry: Registry,
    deps: { log: Log; clock: () => number; server: string; send: (notice: AlertNotice) => void },
  ) {
    this.#deps = deps;
    this.#raised = tally(registry, {
      name: 'photofinish_alerts_raised_total',
      help: 'Incidents that began, by alert.',
      label: 'alert',
      values: NAMES,
    });
    const incidents = this.#incidents;
    new Gauge({
      name: 'photofinish_alert_active',
      help: 'Whether an incident of this alert is going on: 1 or 0.',
      labelNames: ['alert'],
      registers: [registry],
      collect() {
        for (const alert of NAMES) this.set({ alert }, incidents.has(alert) ? 1 : 0);
      },
    });
  }

  raise(alert: AlertName, subject: string, detail: Readonly<Record<string, unknown>>): void {
    const going = this.#incidents.get(alert);
    if (going) {
      if (going.subjects.size < SUBJECTS_MAX) going.subjects.add(subject);
      return;
    }
    const raisedAt = this.#deps.clock();
    const incident = { id: randomUUID(), raisedAt, subjects: new Set([subject]) };
    this.#incidents.set(alert, incident);
    this.#raised[alert]++;
    this.#deps.log.error({ alert, incident: incident.id, subject, ...detail }, 'alert raised');
    this.#send('alert.raised', { alert, incident, subject, detail });
  }

  clear(alert: AlertName, subject: string): void {
    const incident = this.#incidents.get(alert);
    if (!incident?.subjects.delete(subject) || incident.subjects.size > 0) return;
    this.#incidents.delete(alert);
    const lastedMs = this.#deps.clock() - incident.raisedAt;
    this.#deps.log.info({ alert, incident: incident.id, subject, lastedMs }, 'alert cleared');
    this.#send('alert.cleared', { alert, incident, subject, detail: { lastedMs } });
  }

  active(alert: AlertName): string[] {
    return [...(this.#incidents.get(alert)?.subjects ?? [])];
  }

  #send(
    type: AlertNotice['type'],
    of: { alert: AlertName; incident: Incident; subject: string; detail: AlertNotice['detail'] },
  ): void {
    const { alert, incident, subject, detail } = of;
    const { clock, server, send } = this.#deps;
    const { id, raisedAt } = incident;
    send({
      ...{ type, incident: id, alert, meaning: ALERTS[alert], subject, detail, raisedAt },
      ...{ at: clock(), server },
    });
  }
}
