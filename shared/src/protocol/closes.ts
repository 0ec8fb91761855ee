/** WebSocket close codes, by what the client must do.
 *  44xx: do not come back unchanged. The others: come back after a jittered wait. */
export const CLOSES = {
  frameTooBig: { code: 1009, comeBack: false, reason: 'frame past the size limit' },
  internal: { code: 1011, comeBack: true, reason: 'server error' },
  restarting: { code: 1012, comeBack: true, reason: 'server is stopping; connect to another' },
  overloaded: { code: 1013, comeBack: true, reason: 'server is full; try again later' },
  slowReader: { code: 4008, comeBack: true, reason: 'replies were not read fast enough' },
  tokenExpired: { code: 4401, comeBack: false, reason: 'token expired; connect with a new one' },
} as const;

export const mayComeBack = (code: number): boolean =>
  !(code >= 4400 && code < 4500) && ![1002, 1003, 1007, 1008, 1009, 1010].includes(code);
