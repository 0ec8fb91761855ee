/** What the core asks of a logger: constant messages, data in fields. The one file of observe/ that any room may import. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
