/** Who a request comes from, as far as limits are concerned. */
import { isIPv4, isIPv6 } from 'node:net';
import type { Context } from 'hono';
import type { HttpEnv } from './env.ts';

/** The socket's address, or, behind `proxyHops` proxies, what the outermost of them saw. Entries further left are the
 *  client's own words and are never believed. */
export function clientAddress(c: Context<HttpEnv>, proxyHops: number): string {
  const peer = c.env?.incoming?.socket.remoteAddress ?? 'unknown';
  if (proxyHops === 0) return addressKey(peer);
  const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').map((entry) => entry.trim());
  const address = forwarded.at(-proxyHops) ?? forwarded[0];
  return addressKey(address && (isIPv4(address) || isIPv6(address)) ? address : peer);
}

/** One key per client: an IPv6 client owns a /64, and an IPv4 one may come as a mapped address. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap =
    tail === undefined ? [] : new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return `${[...left, ...gap, ...right].slice(0, 4).join(':')}::/64`;
}
