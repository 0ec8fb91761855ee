/** What one connection sends, one document after another, and what must come back for each. */

export interface Lane {
  /** The next document. */
  next(): string;
  /** Takes the oldest unanswered document's reply. @throws Error when it is not the right one */
  take(reply: string): void;
}

/** Whole numbers in replies: read by hand, because a client that parses everything costs more than the server. */
export function numberAt(text: string, at: number): number {
  let sign = 1;
  let i = at;
  if (text.charCodeAt(i) === MINUS) {
    sign = -1;
    i++;
  }
  let value = 0;
  for (let digit = text.charCodeAt(i) - ZERO; digit >= 0 && digit <= 9; digit = text.charCodeAt(++i) - ZERO)
    value = value * 10 + digit;
  return sign * value;
}

const ZERO = 48;
const MINUS = 45;
