/** Ends the run before it could judge anything: bad usage, or a server that cannot be reached. One line, exit code 2. */
export class Stop extends Error {
  override readonly name = 'Stop';
}
