/** Files that are written from the schemas that the server runs on, and from the bench's last report, so that they cannot say anything
 *  else. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configKeyOf, VARIABLES } from '../../server/src/config.ts';
import type { Variable } from '../../server/src/config-variable.ts';
import { buildApp } from '../../server/src/http/app.ts';
import { openApiDocument } from '../../server/src/http/openapi.ts';
import { performanceDoc, performanceInShort } from '../bench/perf-doc.ts';
import { doubles } from '../unit/http/doubles.ts';
import { embedded } from './embedded.ts';

export const GENERATE_COMMAND = 'npm run generate';

export interface GeneratedFile {
  /** From the repository's root. */
  path: string;
  text: string;
}

export function generatedFiles(root: string): GeneratedFile[] {
  return [
    { path: '.env.example', text: envExample() },
    { path: 'docs/config.md', text: configReference() },
    { path: 'docs/recipes.md', text: embedded(root, 'docs/recipes.md') },
    { path: 'docs/openapi.json', text: formatted(root, 'docs/openapi.json', openApi()) },
    ...performance(root),
  ];
}

/** Nothing until a report was kept: `npm run bench -- --json docs/performance.json`. */
function performance(root: string): GeneratedFile[] {
  const report = join(root, 'docs/performance.json');
  if (!existsSync(report)) return [];
  const told = JSON.parse(readFileSync(report, 'utf8'));
  return [
    { path: 'docs/performance.md', text: performanceDoc(told) },
    { path: 'README.md', text: between(root, 'README.md', performanceInShort(told)) },
  ];
}

const BEGIN = `<!-- written by ${GENERATE_COMMAND} -->\n`;
const END = '\n<!-- end -->';

/** The file with that text between its two marks. @throws Error where it has none */
function between(root: string, path: string, text: string): string {
  const whole = readFileSync(join(root, path), 'utf8');
  const [begin, end] = [whole.indexOf(BEGIN), whole.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`${path}: the marks "${BEGIN.trim()}" and "${END.trim()}" are missing`);
  return whole.slice(0, begin + BEGIN.length) + text + whole.slice(end);
}

const variables = Object.entries(VARIABLES) as [string, Variable][];

export function envExample(): string {
  const parts = variables.map(([name, variable]) => {
    const value = variable.default ?? variable.example ?? '';
    const needed = variable.required || name === 'JWT_SECRET';
    const text = `${variable.description} ${sentence(variable.type)}`;
    return `${wrap(text, '# ')}\n${needed ? '' : '# '}${name}=${value}\n`;
  });
  return `# Settings of a Photofinish server. Written from server/src/config.ts by \`${GENERATE_COMMAND}\`.\n# Lines that are commented out show the default or an example.\n\n${parts.join('\n')}`;
}

export function configReference(): string {
  const rows = variables.map(([name, variable]) => {
    const fallback = variable.required
      ? '**required**'
      : variable.default
        ? `\`${variable.default}\``
        : 'none';
    const secret = variable.secret
      ? ` ${isUrl(variable) ? 'Its password' : 'Secret: it'} is never logged.`
      : '';
    return `| \`${name}\` | ${variable.type} | ${fallback} | ${variable.description}${secret} |`;
  });
  return `# Configuration

A server is configured by its environment alone. This table is written from \`server/src/config.ts\` by \`${GENERATE_COMMAND}\`; \`.env.example\` holds the same.

A variable that is empty counts as not set. Start-up checks all of them and reports every problem at once, without showing a secret. \`JWT_SECRET\` or \`JWT_JWKS_URL\` must be set; both may be. The start log shows the configuration in use with secrets and the credentials in URLs masked.

| variable | value | default | meaning |
|---|---|---|---|
${rows.join('\n')}
`;
}

/** Every key of \`Config\`, for the test that the reference is whole. */
export const configKeys = (): string[] => variables.map(([name]) => configKeyOf(name));

function openApi(): string {
  return JSON.stringify(openApiDocument(buildApp(doubles().deps)), null, 2);
}

function formatted(root: string, path: string, text: string): string {
  const biome = `${root}/node_modules/@biomejs/biome/bin/biome`;
  const run = spawnSync(process.execPath, [biome, 'format', `--stdin-file-path=${path}`], {
    cwd: root,
    input: text,
    encoding: 'utf8',
    timeout: 30_000,
    maxBuffer: 16 * 1024 * 1024,
  });
  if (run.status !== 0) throw new Error(`biome could not format ${path}: ${run.stderr}`);
  return run.stdout;
}

const isUrl = (variable: Variable): boolean => variable.type.startsWith('a URL');

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function wrap(text: string, prefix: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > 100) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((part) => prefix + part).join('\n');
}
