/** Runs the files in scripts/ and keeps names on both sides of the border: a definition lists the keys and the leading
 *  arguments by name, the Lua gets them as locals of those names, and the header of the file must list the same.
 *
 *  Called by hash; a Redis that forgot the script (restart, failover, SCRIPT FLUSH) gets its text once more. Never in a
 *  pipeline, where that answer could not be handled. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { redisFault, unavailable } from './faults.ts';

export type ScriptArg = string | number | Buffer;

export interface Script<Key extends string, Arg extends string> {
  name: string;
  keys: readonly Key[];
  args: readonly Arg[];
  writes: boolean;
  lua: string;
  sha: string;
}

const textOf = (file: string): string =>
  readFileSync(new URL(`./scripts/${file}.lua`, import.meta.url), 'utf8');

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const locals = (names: readonly string[], table: string): string =>
  names.length === 0
    ? ''
    : `local ${names.join(', ')} = ${names.map((_, i) => `${table}[${i + 1}]`).join(', ')} `;

/** @param writes a lost answer of it leaves the outcome unknown
 *  @param after another file that stands before this one
 *  @throws Error when the header of the file does not list the same names */
export function script<const Key extends string, const Arg extends string>(
  name: string,
  {
    keys,
    args,
    writes,
    after,
  }: { keys: readonly Key[]; args: readonly Arg[]; writes: boolean; after?: string },
): Script<Key, Arg> {
  const body = textOf(name);
  const keyNames = keys.map((key) => `${snake(key)}_key`);
  const argNames = args.map(snake);
  expectHeader(name, body, 'KEYS', keyNames);
  expectHeader(name, body, 'ARGV', argNames);
  const signature = `${locals(keyNames, 'KEYS')}${locals(argNames, 'ARGV')}local rest = ${args.length + 1}`;
  const before = ['entry', 'standing', 'reading', ...(after === undefined ? [] : [after])].map(textOf);
  const lua = [...before, signature, body].join('\n');
  return { name, keys, args, writes, lua, sha: createHash('sha1').update(lua).digest('hex') };
}

function expectHeader(name: string, body: string, label: 'KEYS' | 'ARGV', names: readonly string[]): void {
  const line = new RegExp(`^-- ${label} +([a-z_ ]*)`, 'm').exec(body)?.[1]?.trim().split(/ +/).join(' ');
  if ((line || '') !== names.join(' '))
    throw new Error(
      `scripts/${name}.lua: its header says ${label} ${line}, its definition ${names.join(' ')}`,
    );
}

export interface Call<Key extends string, Arg extends string> {
  keys: Record<Key, string>;
  args: Record<Arg, ScriptArg>;
  /** What follows the named arguments: a list, in the layout that the header says. */
  rest?: readonly ScriptArg[];
}

/** Replies hold text and numbers. @throws Fault UNAVAILABLE, OUTCOME_UNKNOWN */
export const run = <Key extends string, Arg extends string>(
  redis: Redis,
  of: Script<Key, Arg>,
  call: Call<Key, Arg>,
): Promise<unknown> => send(redis, of, call, 'text');

/** Replies hold Buffers and numbers, for packed records. @throws Fault UNAVAILABLE, OUTCOME_UNKNOWN */
export const runBinary = <Key extends string, Arg extends string>(
  redis: Redis,
  of: Script<Key, Arg>,
  call: Call<Key, Arg>,
): Promise<unknown> => send(redis, of, call, 'binary');

async function send<Key extends string, Arg extends string>(
  redis: Redis,
  of: Script<Key, Arg>,
  call: Call<Key, Arg>,
  reply: 'text' | 'binary',
): Promise<unknown> {
  // Past this check a lost connection means that the command may have been sent.
  if (redis.status !== 'ready') throw unavailable(`the connection to Redis is ${redis.status}`);
  const args: ScriptArg[] = [];
  for (const key of of.keys) args.push(call.keys[key]);
  for (const name of of.args) args.push(call.args[name]);
  if (call.rest) for (const arg of call.rest) args.push(arg);
  const count = of.keys.length;
  const evaluate = (command: 'EVALSHA' | 'EVAL', source: string): Promise<unknown> =>
    reply === 'binary'
      ? redis.callBuffer(command, [source, count, ...args])
      : redis.call(command, [source, count, ...args]);
  try {
    return await evaluate('EVALSHA', of.sha).catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return evaluate('EVAL', of.lua);
      throw error;
    });
  } catch (error) {
    const fault = redisFault(error, of.writes);
    // ioredis hangs the whole command on such an error, script and arguments: no log wants that.
    if (fault instanceof Error && fault.name === 'ReplyError')
      throw new Error(`scripts/${of.name}.lua failed: ${fault.message}`);
    throw fault;
  }
}
