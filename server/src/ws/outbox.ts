/** What a connection is about to be sent.
 *
 *  Replies and pushes gather until `flush`, and leave as newline-joined documents in as few frames as possible: corking a turn is done
 *  here. Memory is bounded by `hardBytes`: past it everything gathered is dropped and the owner is told to
 *  close. Between `softBytes` and that the box is congested: its owner stops reading requests and makes no pushes, and it is told when
 *  the reader has caught up. An acknowledgement that was pushed is never dropped from a connection that goes on.
 *
 *  As long as the kernel takes what it is given, which is nearly always, no write has a callback and nothing is asked twice. */
import { asciiFrame, textFrame } from './text-frame.ts';

/** What the box needs of the connection under a WebSocket: a `net.Socket` has it. Frames are written in one piece; `ws` writes whole frames
 *  too, so that its own (pings, pongs and the close) stand between ours. */
export interface OutboxConnection {
  /** False once it is ending or gone. */
  readonly writable: boolean;
  /** Bytes handed over and not yet taken by the kernel. */
  readonly writableLength: number;
  /** Bytes ever handed over. */
  readonly bytesWritten?: number;
  write(frame: Buffer, written?: () => void): boolean;
  write(frame: string, encoding: 'latin1', written?: () => void): boolean;
}

export interface OutboxOwner {
  /** The reader has caught up to `softBytes` or below. */
  drained(): void;
  /** Past `hardBytes`: the box is empty and takes nothing more. */
  overflowed(): void;
}

/** Shared by all boxes. */
export interface OutboxSettings {
  softBytes: number;
  hardBytes: number;
  /** Told the characters of each frame. */
  sent(characters: number): void;
}

/** Longer turns leave in several frames: clients exist that refuse messages of more than 1 MiB. */
const FRAME_LENGTH_MAX = 256 * 1_024;

export class Outbox {
  readonly #connection: OutboxConnection;
  readonly #owner: OutboxOwner;
  readonly #settings: OutboxSettings;
  /** Documents gathered, newline-joined; '' when there are none. A string that grows costs less than a list that is joined (`ack.frame16`). */
  #text = '';
  /** Texts before it that are full frames; made when first needed. */
  #full: string[] | undefined;
  /** Characters gathered; protocol text is ASCII but for what an error quotes, so they count as bytes. */
  #length = 0;
  /** What the kernel had not taken when it was looked at last. */
  #backlog = 0;
  /** While it is set, every write has the callback that may end it. */
  #congested = false;
  #closed = false;
  /** Made when first needed (`idle.bytes`). */
  #written: (() => void) | undefined;

  constructor(connection: OutboxConnection, settings: OutboxSettings, owner: OutboxOwner) {
    this.#connection = connection;
    this.#settings = settings;
    this.#owner = owner;
  }

  get congested(): boolean {
    return this.#congested;
  }

  /** Whether pushes may go out. */
  get takesPushes(): boolean {
    return !this.#congested && !this.#closed;
  }

  /** Grows when the reader takes something. */
  get progress(): number {
    const { bytesWritten = 0, writableLength } = this.#connection;
    return bytesWritten - writableLength;
  }

  /** Sends a document that is framed already, where nothing waits before it. It leaves at once: the end of the turn would be another visit to
   *  each of a thousand connections, whose data are no longer in the processor's cache by then (`fanout`).
   *  @param characters of the document
   *  @returns false when it was not sent, and must be pushed */
  pass(frame: Buffer, characters: number): boolean {
    const { softBytes, sent } = this.#settings;
    if (this.#closed || this.#text !== '' || frame.length > softBytes) return false;
    const connection = this.#connection;
    if (!connection.writable || connection.writableLength > 0) return false;
    connection.write(frame);
    sent(characters);
    return true;
  }

  push(document: string): void {
    if (this.#closed) return;
    if (this.#text === '') this.#text = document;
    else if (this.#text.length + document.length < FRAME_LENGTH_MAX) this.#text += `\n${document}`;
    else this.#begin(document);
    this.#length += document.length + 1;
    if (this.#length + this.#backlog > this.#settings.softBytes) this.#measure();
  }

  flush(): void {
    const text = this.#text;
    if (this.#closed || text === '') return;
    const full = this.#full;
    this.#forget();
    if (full) for (const frame of full) this.#send(frame);
    this.#send(text);
    this.#backlog = this.#connection.writableLength;
    if (this.#backlog > this.#settings.softBytes) this.#measure();
  }

  /** Takes nothing more and forgets what has not been handed over. */
  close(): void {
    this.#closed = true;
    this.#forget();
  }

  #begin(document: string): void {
    this.#full ??= [];
    this.#full.push(this.#text);
    this.#text = document;
  }

  #forget(): void {
    this.#text = '';
    this.#full = undefined;
    this.#length = 0;
  }

  /** A write that alone cannot congest the box needs no callback: the next one looks at what is left of it. */
  #send(text: string): void {
    const { softBytes, sent } = this.#settings;
    const connection = this.#connection;
    if (!connection.writable) return;
    const mayCongest = this.#congested || text.length > softBytes || connection.writableLength > 0;
    const written = mayCongest ? this.#onWritten() : undefined;
    const frame = asciiFrame(text);
    if (frame === undefined) connection.write(textFrame(text), written);
    else connection.write(frame, 'latin1', written);
    sent(text.length);
  }

  #onWritten(): () => void {
    this.#written ??= () => {
      this.#backlog = this.#connection.writableLength;
      if (!this.#congested || this.#length + this.#backlog > this.#settings.softBytes) return;
      this.#congested = false;
      if (!this.#closed) this.#owner.drained();
    };
    return this.#written;
  }

  #measure(): void {
    this.#backlog = this.#connection.writableLength;
    const waiting = this.#length + this.#backlog;
    if (waiting > this.#settings.softBytes) this.#congested = true;
    if (waiting <= this.#settings.hardBytes || this.#closed) return;
    this.close();
    this.#owner.overflowed();
  }
}
