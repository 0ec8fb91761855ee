/** The other end of `child.ts`: answers the calls of the process that started this one, and ends with it. */

export type MethodsOf<T> = { [N in keyof T]: T[N] };

type AnyMethod = (args: never) => unknown;

export function serve<M extends Record<string, AnyMethod>>(methods: M): M {
  process.on('message', (message) => {
    const { id, method, args } = message as { id: number; method: string; args: never };
    void answer(methods[method], args).then((reply) => process.send?.({ id, ...reply }));
  });
  process.on('disconnect', () => process.exit(0));
  return methods;
}

async function answer(
  method: AnyMethod | undefined,
  args: never,
): Promise<{ result?: unknown; error?: string }> {
  try {
    if (!method) throw new Error('there is no such method');
    return { result: await method(args) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
