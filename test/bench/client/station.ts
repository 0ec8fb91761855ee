/** Some connections to one server, each with its lane: what both loops drive. */
import type { Lane } from './lane.ts';
import { type ClientSocket, openSockets, type Target } from './socket.ts';

export interface StationOptions {
  target: Target;
  connections: number;
  documentsPerFrame: number;
  lane(connection: number): Lane;
  /** False for baselines that answer each frame with one: their answers are counted and not looked at. */
  reads?: boolean;
}

const UNREAD = '-';

/** One connection. */
export class Post {
  readonly socket: ClientSocket;
  readonly lane: Lane;
  /** Frames that have not been answered wholly. */
  underWay = 0;

  constructor(socket: ClientSocket, lane: Lane) {
    this.socket = socket;
    this.lane = lane;
  }
}

export class Station {
  readonly posts: Post[];
  readonly #options: StationOptions;
  /** Documents that were answered since the beginning. */
  answered = 0;
  /** What went wrong first. */
  failure: Error | undefined;
  /** Told after each read of a post that completed frames. */
  onAnswers: (post: Post, frames: number) => void = () => undefined;

  private constructor(options: StationOptions, sockets: ClientSocket[]) {
    this.#options = options;
    this.posts = sockets.map((socket, i) => new Post(socket, options.lane(i)));
    for (const post of this.posts) this.#listen(post);
  }

  static async open(options: StationOptions): Promise<Station> {
    return new Station(options, await openSockets(options.target, options.connections));
  }

  get underWay(): number {
    return this.posts.reduce((sum, post) => sum + post.underWay, 0);
  }

  send(post: Post, frames: number): void {
    const { documentsPerFrame } = this.#options;
    const texts = new Array<string>(frames);
    for (let i = 0; i < frames; i++) {
      let text = post.lane.next();
      for (let more = 1; more < documentsPerFrame; more++) text += `\n${post.lane.next()}`;
      texts[i] = text;
    }
    post.underWay += frames;
    post.socket.send(texts);
  }

  close(): void {
    for (const post of this.posts) post.socket.close();
  }

  #listen(post: Post): void {
    const { documentsPerFrame, reads = true } = this.#options;
    let replies = 0;
    post.socket.onText = (chunk, start, end) => {
      replies += this.#take(post, reads ? chunk.toString('latin1', start, end) : UNREAD);
    };
    post.socket.onRead = () => {
      const frames = Math.floor(replies / documentsPerFrame);
      replies -= frames * documentsPerFrame;
      if (frames === 0) return;
      post.underWay -= frames;
      this.onAnswers(post, frames);
    };
    post.socket.onLost = (why) => {
      this.failure ??= new Error(`a connection was lost: ${why}`);
    };
  }

  /** @returns how many replies stood in the text */
  #take(post: Post, text: string): number {
    let replies = 0;
    try {
      for (let at = 0; at < text.length; ) {
        const end = text.indexOf('\n', at);
        post.lane.take(at === 0 && end < 0 ? text : text.slice(at, end < 0 ? undefined : end));
        replies++;
        at = end < 0 ? text.length : end + 1;
      }
      this.answered += replies;
    } catch (error) {
      this.failure ??= error as Error;
    }
    return replies;
  }
}
