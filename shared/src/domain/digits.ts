/** Whole numbers as text of a fixed width whose byte order is the order of the numbers. */

/** 64 digits in ascending byte order. */
export const DIGITS = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const VALUE_OF = new Map([...DIGITS].map((digit, value) => [digit, value]));

/** @param value a whole number from 0 to 64^width - 1, at most 2^53 - 1 */
export function digitsOf(value: number, width: number): string {
  let digits = '';
  let rest = value;
  for (let i = 0; i < width; i++) {
    digits = DIGITS.charAt(rest % 64) + digits;
    rest = Math.floor(rest / 64);
  }
  return digits;
}

/** The inverse of `digitsOf`. @throws RangeError for a character that is no digit */
export function valueOfDigits(digits: string): number {
  let sum = 0;
  for (const digit of digits) {
    const value = VALUE_OF.get(digit);
    if (value === undefined) throw new RangeError(`not a digit: ${digit}`);
    sum = sum * 64 + value;
  }
  return sum;
}

/** By character code; 255 for what is no digit. */
const VALUES = new Uint8Array(256).fill(255);
for (const [digit, value] of VALUE_OF) VALUES[digit.charCodeAt(0)] = value;

/** The same of digits as bytes: saves a text for each stamp of a flush (`flush.cpu`). @throws RangeError for a byte that is no digit */
export function valueOfDigitBytes(bytes: Uint8Array, at: number, width: number): number {
  let sum = 0;
  for (let i = at; i < at + width; i++) {
    const value = VALUES[bytes[i] ?? 0] as number;
    if (value === 255) throw new RangeError(`not a digit: byte ${bytes[i]}`);
    sum = sum * 64 + value;
  }
  return sum;
}

const CODES = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));

/** `digitsOf` as bytes (`rebuild`). */
export function writeDigits(bytes: Uint8Array, at: number, value: number, width: number): void {
  let rest = value;
  for (let i = at + width - 1; i >= at; i--) {
    const more = Math.floor(rest / 64);
    bytes[i] = CODES[rest - more * 64] as number;
    rest = more;
  }
}
