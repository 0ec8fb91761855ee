/** Loaded into the processes that tests start: whose runner was killed, `kill -9` included, ends too. The pipe of standard input is the one
 *  thing that a dead runner closes. */
process.stdin.resume();
process.stdin.once('close', () => process.kill(process.pid, 'SIGKILL'));
process.stdin.once('end', () => process.kill(process.pid, 'SIGKILL'));
(process.stdin as { unref?: () => void }).unref?.();

export {};
