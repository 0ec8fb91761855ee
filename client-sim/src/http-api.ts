/** The server's HTTP side, as an admin and a reader use it. */

export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** No answer at all: nobody listens there, or the connection broke. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export interface WindowReading {
  dirty: number;
  oldestDirtyMs: number;
}

const TIMEOUT_MS = 60_000;

export class HttpApi {
  readonly #origin: string;
  readonly #adminToken: string;

  constructor(origin: string, adminToken: string) {
    this.#origin = origin;
    this.#adminToken = adminToken;
  }

  /** The body as it came. @throws ApiFailure, Unreachable */
  async text(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<string> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#origin + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#adminToken}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await response.text();
    } catch (error) {
      throw new Unreachable(`cannot reach ${this.#origin}${path}: ${reasonOf(error)}`);
    }
    if (!response.ok) throw failureOf(response.status, text, `${method} ${path}`);
    return text;
  }

  async json<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<T> {
    return JSON.parse(await this.text(method, path, body)) as T;
  }

  window(season: string): Promise<WindowReading> {
    return this.json('GET', `/v1/seasons/${season}/window`);
  }
}

function failureOf(status: number, text: string, what: string): ApiFailure {
  let problem: { code?: string; detail?: string; message?: string; title?: string } = {};
  try {
    problem = JSON.parse(text) as typeof problem;
  } catch {
    // Not a problem document: the status says what there is to say.
  }
  const message = problem.detail ?? problem.message ?? problem.title ?? 'no reason given';
  return new ApiFailure(status, problem.code ?? '', `${what} answered ${status}: ${message}`);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const { code, message } = cause as { code?: string; message?: string };
  return code ?? message ?? String(cause);
}
