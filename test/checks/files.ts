/** Lists the project's own files: no installed packages, no build output, no local data. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOREIGN = new Set(['node_modules', 'dist', '.git', '.data', '.cache', 'coverage']);

/** Paths from `root`, with `/`, sorted; folders that do not exist hold nothing. */
export function filesUnder(root: string, folders: readonly string[], name: RegExp): string[] {
  const found: string[] = [];
  const visit = (folder: string) => {
    if (!existsSync(join(root, folder))) return;
    for (const item of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '.' ? item.name : `${folder}/${item.name}`;
      if (item.isDirectory() && !FOREIGN.has(item.name)) visit(path);
      else if (item.isFile() && name.test(item.name)) found.push(path);
    }
  };
  for (const folder of folders) visit(folder);
  return found.sort();
}
