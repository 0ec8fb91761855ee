/** Import cycles, each as a path that returns to its first file; when there is any cycle, at least one is found.
 *  Depth-first with an explicit path; a file whose search ended is never entered again, so the time is linear. */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>();
  const cycles = new Map<string, string[]>();
  const visit = (file: string, path: string[]) => {
    const start = path.indexOf(file);
    if (start >= 0) {
      const members = path.slice(start);
      cycles.set([...members].sort().join('\n'), [...members, file]);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const next of edges.get(file) ?? []) visit(next, path);
    path.pop();
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return [...cycles.values()];
}
