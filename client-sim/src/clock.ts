/** Milliseconds since the Unix epoch with a fraction, never going back: latencies are shorter than a millisecond. */
export const now = (): number => performance.timeOrigin + performance.now();

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
