/** Reads the project's Markdown papers as data: fenced blocks, headings, links. */
export interface Fence {
  /** `jsonl` of ```jsonl send as=ann */
  language: string;
  /** The words after the language. */
  words: string[];
  text: string;
  /** 1-based line of the opening fence. */
  line: number;
}

const OPENING = /^```(\S*)\s*(.*)$/;

/** Fenced blocks in order. @throws Error when the last one is not closed */
export function fencesOf(markdown: string): Fence[] {
  const fences: Fence[] = [];
  let open: { fence: Fence; lines: string[] } | undefined;
  for (const [i, line] of markdown.split('\n').entries()) {
    if (open && line.trimEnd() === '```') {
      fences.push({ ...open.fence, text: open.lines.join('\n') });
      open = undefined;
    } else if (open) open.lines.push(line);
    else {
      const [, language, words] = OPENING.exec(line) ?? [];
      if (language === undefined) continue;
      open = {
        fence: { language, words: (words ?? '').split(/\s+/).filter(Boolean), text: '', line: i + 1 },
        lines: [],
      };
    }
  }
  if (open) throw new Error(`the block that opens at line ${open.fence.line} is not closed`);
  return fences;
}

/** The document without its fenced blocks and inline code: what prose says. */
export const proseOf = (markdown: string): string =>
  markdown.replace(/^```[\s\S]*?^```\s*$/gm, '').replace(/`[^`\n]*`/g, '');

/** Targets of inline links and images. */
export const linksOf = (markdown: string): string[] =>
  [...proseOf(markdown).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');

/** The fragments that headings can be linked by. */
export const anchorsOf = (markdown: string): string[] =>
  [...markdown.replace(/^```[\s\S]*?^```\s*$/gm, '').matchAll(/^#{1,6} (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replace(/ /g, '-'),
  );

/** npm scripts that a shell block runs. */
export const npmScriptsOf = (shell: string): string[] =>
  [...shell.matchAll(/\bnpm (?:run (?:--silent |-s )?([\w:-]+)|(start|test)\b)/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
