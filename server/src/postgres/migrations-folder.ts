import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest `drizzle/` folder with a journal, upwards from this file: the same from source and from a build.
 *  @throws where there is none */
export function migrationsFolder(): string {
  const from = dirname(fileURLToPath(import.meta.url));
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'drizzle');
    if (existsSync(join(candidate, 'meta', '_journal.json'))) return candidate;
    if (dirname(folder) === folder)
      throw new Error(
        `no drizzle/meta/_journal.json in any folder above ${from}: the build must carry drizzle/ along`,
      );
  }
}
