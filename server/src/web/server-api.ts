/** What the page asks of the server over HTTP, as it reads the answers. Addresses are relative to the page. */
import type { Board } from '@photofinish/shared/domain/board';

export interface ViewerToken {
  token: string;
  /** Milliseconds since the Unix epoch, by the server's clock. */
  expiresAt: number;
}

export interface SeasonFacts {
  id: string;
  /** 1 for the board's first season. */
  number: number;
}

/** An answer that is not a success. `status` 0: there was no answer. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}

type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** An answer later than this is taken for none: the page says so and asks again. */
const ANSWER_TIMEOUT_MS = 10_000;

export class ServerApi {
  readonly #fetch: Fetch;

  constructor(fetchAnswer: Fetch = (path, init) => fetch(path, init)) {
    this.#fetch = fetchAnswer;
  }

  /** @throws Refusal 404 where the server gives the page no token of its own */
  async mintViewerToken(): Promise<ViewerToken> {
    return (await this.#ask('v1/viewer-token', { method: 'POST' })) as ViewerToken;
  }

  async boards(): Promise<Board[]> {
    return (await this.boardList()).boards;
  }

  /** `lossAccepted`: why this server may lose what it acknowledges; absent where the guarantee holds. */
  boardList(): Promise<{ boards: Board[]; lossAccepted?: string[] }> {
    return this.#ask('v1/boards?limit=1000') as Promise<{ boards: Board[]; lossAccepted?: string[] }>;
  }

  season(id: string): Promise<SeasonFacts> {
    return this.#ask(`v1/seasons/${encodeURIComponent(id)}`) as Promise<SeasonFacts>;
  }

  async #ask(path: string, init: RequestInit = {}): Promise<unknown> {
    let answer: Response;
    try {
      answer = await this.#fetch(path, {
        ...init,
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
    } catch {
      throw new Refusal(0, 'The server does not answer.');
    }
    if (!answer.ok) throw new Refusal(answer.status, `The server answered with status ${answer.status}.`);
    return answer.json();
  }
}
