/** Calls back each millisecond, on time to a few dozen microseconds and without spinning: Node's timers round up to whole milliseconds,
 *  and what they are late by would be taken for the server's latency on both sides. A thread sleeps exactly instead. */
import { Worker } from 'node:worker_threads';

const THREAD = `
const { parentPort } = require('node:worker_threads');
const never = new Int32Array(new SharedArrayBuffer(4));
let due = performance.now();
for (;;) {
  due += 1;
  const wait = due - performance.now();
  if (wait > 0) Atomics.wait(never, 0, 0, wait);
  else due = performance.now();
  parentPort.postMessage(0);
}`;

export function startTicker(tick: () => void): () => void {
  const worker = new Worker(THREAD, { eval: true });
  worker.on('message', tick);
  worker.unref();
  return () => void worker.terminate();
}
