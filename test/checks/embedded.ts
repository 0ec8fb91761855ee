/** Code that a paper shows from a file: a block marked `from=PATH` (from the paper's folder) holds that file's text. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const BLOCK = /^```(\w+) from=(\S+)\n[\s\S]*?^```$/gm;

/** The paper with every such block as its file is now. @throws Error for a file that does not exist */
export function embedded(root: string, paper: string): string {
  const text = readFileSync(join(root, paper), 'utf8');
  return text.replace(BLOCK, (_, language: string, from: string) => {
    const code = readFileSync(join(root, dirname(paper), from), 'utf8').trimEnd();
    return `\`\`\`${language} from=${from}\n${code}\n\`\`\``;
  });
}
