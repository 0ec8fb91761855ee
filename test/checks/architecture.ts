/** Checks who imports whom, import cycles, who reads the environment and who ends the process, and the length of files,
 *  against architecture-rules.ts. Type imports count: a type is a dependency too.
 *
 *  Run: node --import tsx test/checks/architecture.ts [ROOT] */
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FILE_LINES_MAX, ROOMS, type Room } from './architecture-rules.ts';
import { findCycles } from './cycles.ts';
import { filesUnder } from './files.ts';
import { lineOf, literalOf, type Node, nameOf, parse, type Source, walk } from './syntax.ts';

const FOLDERS = ['shared/src', 'server/src', 'client-sim/src', 'test'];
const ROOT_FILES = ['server/build.ts', 'vitest.config.ts', 'drizzle.config.ts'];
const OURS = '@photofinish/';

interface Import {
  line: number;
  specifier: string;
  /** The imported file's path from the root; undefined for packages and builtins. */
  file: string | undefined;
}

export interface Report {
  files: number;
  imports: number;
  problems: string[];
}

const specifierOf = (node: Node): string | undefined => {
  if (
    [
      'ImportDeclaration',
      'ExportNamedDeclaration',
      'ExportAllDeclaration',
      'ImportExpression',
      'TSImportType',
    ].includes(node.type)
  )
    return literalOf(node['source']) ?? literalOf((node['argument'] as Node | undefined)?.['literal']);
  return undefined;
};

/** `@photofinish/shared/x` and relative specifiers to files; a package is undefined. */
function fileOf(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier.replace(/\?.*$/, ''));
  if (!specifier.startsWith(OURS)) return undefined;
  const [workspace, ...rest] = specifier.slice(OURS.length).split('/');
  return `${workspace}/src/${rest.join('/')}.ts`;
}

function importsOf(source: Source): Import[] {
  const imports: Import[] = [];
  for (const node of walk(source.program)) {
    const specifier = specifierOf(node);
    if (specifier !== undefined)
      imports.push({ line: lineOf(source, node), specifier, file: fileOf(source.path, specifier) });
  }
  return imports;
}

const roomOf = (path: string): Room | undefined => ROOMS.find((room) => room.files.test(path));
const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

const namesIn = (root: string, manifest: string, field: string): string[] => {
  if (!existsSync(join(root, manifest))) return [];
  const parsed = JSON.parse(readFileSync(join(root, manifest), 'utf8')) as Record<string, object | undefined>;
  return Object.keys(parsed[field] ?? {});
};

function judgeFile(room: Room, target: string, root: string): string | undefined {
  if (!existsSync(join(root, target))) return 'there is no such file';
  const other = roomOf(target);
  if (!other) {
    // Files outside of every room (JSON, Lua, styles) go with the folder they lie in.
    return room.files.test(target) || room.rooms.includes('*') ? undefined : 'it lies outside of every room';
  }
  if (other === room || room.rooms.includes('*') || room.rooms.includes(other.name)) return undefined;
  if (room.alsoFiles?.test(target)) return undefined;
  return `${room.name} may import ${room.rooms.join(', ') || 'no other room'}, not ${other.name}`;
}

function judgePackage(room: Room, path: string, specifier: string, root: string): string | undefined {
  if (isBuiltin(specifier)) return room.builtins ? undefined : `${room.name} uses nothing of Node`;
  const name = packageOf(specifier);
  if (!room.packages.includes('*') && !room.packages.includes(name))
    return `${room.name} may use ${room.packages.join(', ') || 'no package'}`;
  const workspace = path.split('/')[0] ?? '';
  const declared = [
    ...namesIn(root, `${workspace}/package.json`, 'dependencies'),
    ...(room.development ? namesIn(root, 'package.json', 'devDependencies') : []),
    ...(room.name === 'outside'
      ? ['server', 'client-sim', 'shared'].flatMap((w) => namesIn(root, `${w}/package.json`, 'dependencies'))
      : []),
  ];
  return declared.includes(name) ? undefined : `${workspace}/package.json does not list ${name}`;
}

/** `process.env`, `process['env']`, and either of them by way of an import or a destructuring. */
function processUse(node: Node, member: 'env' | 'exit'): boolean {
  if (node.type === 'MemberExpression')
    return [`process.${member}`, `globalThis.process.${member}`].includes(nameOf(node) ?? '');
  if (node.type === 'VariableDeclarator' && nameOf(node['init']) === 'process')
    return (
      ((node['id'] as Node)['properties'] as Node[] | undefined)?.some((p) => nameOf(p['key']) === member) ??
      false
    );
  if (node.type === 'ImportDeclaration' && /^(?:node:)?process$/.test(literalOf(node['source']) ?? ''))
    return (node['specifiers'] as Node[]).some((s) => nameOf(s['imported']) === member);
  return false;
}

function judgeSource(source: Source, room: Room, root: string, report: Report): void {
  const at = (line: number, problem: string) => report.problems.push(`${source.path}:${line} ${problem}`);
  for (const { line, specifier, file } of importsOf(source)) {
    report.imports++;
    const problem =
      file === undefined ? judgePackage(room, source.path, specifier, root) : judgeFile(room, file, root);
    if (problem) at(line, `imports ${specifier}: ${problem}`);
  }
  for (const node of walk(source.program)) {
    if (!room.env && processUse(node, 'env'))
      at(lineOf(source, node), `reads process.env: ${room.name} is told its configuration`);
    if (!room.exit && processUse(node, 'exit'))
      at(lineOf(source, node), `ends the process: ${room.name} throws or returns instead`);
  }
  const lines = source.text.split('\n').length - 1;
  if (lines > FILE_LINES_MAX)
    at(lines, `has ${lines} lines; the limit is ${FILE_LINES_MAX}: split it by idea`);
}

export function checkArchitecture(root: string): Report {
  const report: Report = { files: 0, imports: 0, problems: [] };
  const edges = new Map<string, string[]>();
  const paths = [
    ...filesUnder(root, FOLDERS, /\.tsx?$/),
    ...ROOT_FILES.filter((path) => existsSync(join(root, path))),
  ];
  for (const path of paths) {
    const room = roomOf(path);
    if (!room) {
      report.problems.push(`${path}:1 belongs to no room of architecture-rules.ts`);
      continue;
    }
    const source = parse(path, readFileSync(join(root, path), 'utf8'));
    report.files++;
    judgeSource(source, room, root, report);
    edges.set(
      path,
      importsOf(source).flatMap(({ file }) => (file ? [file] : [])),
    );
  }
  for (const cycle of findCycles(edges))
    report.problems.push(`${cycle[0]}:1 import cycle: ${cycle.join(' -> ')}`);
  // A check that sees nothing must not pass: it would keep passing when the parser stops to find imports.
  if (report.files > 0 && report.imports === 0) report.problems.push('no import was found in any file');
  return report;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const report = checkArchitecture(resolve(process.argv[2] ?? '.'));
  for (const problem of report.problems) console.log(problem);
  console.log(`${report.files} files, ${report.imports} imports, ${report.problems.length} problems`);
  process.exitCode = report.problems.length > 0 || report.files === 0 ? 1 : 0;
}
