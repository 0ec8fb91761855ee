import type { Log } from '../../../server/src/observe/log.ts';
import type { GatewayObserver } from '../../../server/src/ws/services.ts';

const nothing = (): void => {};

export const silentObserver: GatewayObserver = {
  opened: nothing,
  closed: nothing,
  refused: nothing,
  received: nothing,
  sent: nothing,
  failed: nothing,
  pushed: nothing,
};

export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
