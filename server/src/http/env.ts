import type { HttpBindings } from '@hono/node-server';
import type { Principal } from '../board/principal.ts';

export interface HttpEnv {
  /** Absent where a test calls the app without a socket. */
  Bindings: Partial<HttpBindings>;
  Variables: { principal: Principal };
}
