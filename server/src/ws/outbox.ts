/** What a connection is about to be sent.
 *
 *  Replies and pushes gather until `flush`, and leave as newline-joined documents in as few frames as possible: `ws` corks one frame
 *  only, so corking a turn is done here. Memory is bounded by `hardBytes`: past it everything gathered is dropped and the owner is told to
 *  close. Between `softBytes` and that the box is congested: its owner stops reading requests and makes no pushes, and it is told when
 *  the reader has caught up. An acknowledgement that was pushed is never dropped from a connection that goes on. */

/** What the box needs of a `ws` socket: its public face only. */
export interface OutboxSocket {
  /** Bytes handed over and not yet taken by the kernel. */
  readonly bufferedAmount: number;
  send(data: string, options: { binary: boolean }, written: (error?: Error | null) => void): void;
  /** Sends a whole text frame as it is. */
  sendFrame(frame: Buffer, written: (error?: Error | null) => void): void;
}

export interface OutboxOwner {
  /** The reader has caught up to `softBytes` or below. */
  drained(): void;
  /** Past `hardBytes`: the box is empty and takes nothing more. */
  overflowed(): void;
  sent(characters: number): void;
}

/** Longer turns leave in several frames: clients exist that refuse messages of more than 1 MiB. */
const FRAME_LENGTH_MAX = 256 * 1_024;
const TEXT = { binary: false };

export class Outbox {
  readonly #socket: OutboxSocket;
  readonly #owner: OutboxOwner;
  readonly #softBytes: number;
  readonly #hardBytes: number;
  #documents: string[] = [];
  /** Of the only document gathered. */
  #frame: Buffer | undefined;
  /** Characters in `#documents`; protocol text is ASCII but for what an error quotes, so they count as bytes. */
  #length = 0;
  #buffered = 0;
  #congested = false;
  #closed = false;
  /** Characters ever handed to the socket: with `bufferedAmount` it tells whether the reader moves. */
  #handedOver = 0;
  /** Made with the first frame (`idle.bytes`). */
  #written: (() => void) | undefined;

  constructor(socket: OutboxSocket, limits: { softBytes: number; hardBytes: number }, owner: OutboxOwner) {
    this.#socket = socket;
    this.#softBytes = limits.softBytes;
    this.#hardBytes = limits.hardBytes;
    this.#owner = owner;
  }

  get congested(): boolean {
    return this.#congested;
  }

  /** Grows when the reader takes something. Frame heads blur it by a few bytes, which does not matter for telling movement. */
  get progress(): number {
    return this.#handedOver - this.#socket.bufferedAmount;
  }

  /** @param frame the document framed already: it leaves as it is when nothing else leaves with it */
  push(document: string, frame?: Buffer): void {
    if (this.#closed) return;
    this.#frame = this.#documents.length === 0 ? frame : undefined;
    this.#documents.push(document);
    this.#length += document.length + 1;
    this.#measure();
  }

  flush(): void {
    if (this.#closed || this.#documents.length === 0) return;
    if (this.#frame) this.#sendFrame(this.#frame);
    else this.#sendDocuments();
    this.#buffered = this.#socket.bufferedAmount;
    this.#measure();
  }

  #sendFrame(frame: Buffer): void {
    this.#handedOver += this.#length;
    this.#owner.sent(this.#length - 1);
    this.#frame = undefined;
    this.#documents.length = 0;
    this.#length = 0;
    this.#socket.sendFrame(frame, this.#onWritten());
  }

  #sendDocuments(): void {
    const documents = this.#documents;
    this.#documents = [];
    this.#length = 0;
    for (let start = 0; start < documents.length; ) {
      let end = start;
      let length = 0;
      while (end < documents.length) {
        length += (documents[end]?.length ?? 0) + 1;
        if (end > start && length > FRAME_LENGTH_MAX) break;
        end++;
      }
      const whole = start === 0 && end === documents.length;
      this.#send((whole ? documents : documents.slice(start, end)).join('\n'));
      start = end;
    }
  }

  /** Takes nothing more and forgets what has not been handed over. */
  close(): void {
    this.#closed = true;
    this.#documents = [];
    this.#frame = undefined;
    this.#length = 0;
  }

  #send(frame: string): void {
    this.#handedOver += frame.length;
    this.#owner.sent(frame.length);
    this.#socket.send(frame, TEXT, this.#onWritten());
  }

  #onWritten(): () => void {
    this.#written ??= () => {
      this.#buffered = this.#socket.bufferedAmount;
      if (!this.#congested || this.#length + this.#buffered > this.#softBytes) return;
      this.#congested = false;
      if (!this.#closed) this.#owner.drained();
    };
    return this.#written;
  }

  #measure(): void {
    const waiting = this.#length + this.#buffered;
    if (waiting > this.#softBytes) this.#congested = true;
    if (waiting <= this.#hardBytes || this.#closed) return;
    this.close();
    this.#owner.overflowed();
  }
}
