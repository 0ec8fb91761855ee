/** Which methods a path has, so that a wrong one is told from an unknown path. */
interface Route {
  method: string;
  path: string;
}

/** @returns the methods of the routes that fit a path, in alphabetical order; empty for an unknown path */
export function allowedMethods(routes: readonly Route[]): (path: string) => string[] {
  const patterns = routes
    .filter((route) => route.method !== 'ALL' && !route.path.endsWith('*'))
    .map(({ method, path }) => ({ method, pattern: patternOf(path) }));
  return (path) => {
    const found = new Set(patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method));
    if (found.has('GET')) found.add('HEAD');
    return [...found].sort();
  };
}

/** `/v1/boards/:board` and `/:file{[a-z]+}` as expressions. */
function patternOf(path: string): RegExp {
  const source = path
    .split('/')
    .map((part) => {
      const [, constraint] = /^:[^{]+(?:\{(.+)\})?$/.exec(part) ?? [];
      if (part.startsWith(':')) return constraint ?? '[^/]+';
      return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('/');
  return new RegExp(`^${source}$`);
}
