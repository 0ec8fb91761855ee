/** Holds SPEC.md and the tests together: every rule has a test that cites it, every cited rule exists, and every test
 *  cites one. A test cites rules in its title, `[TK1] …` or `[TK1, FL3] …`, or through its describe.
 *
 *  Run: node --import tsx test/checks/spec.ts [ROOT] */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './files.ts';
import { childrenOf, lineOf, literalOf, type Node, nameOf, parse, type Source } from './syntax.ts';

const TEST_FOLDERS = ['unit', 'integration', 'fault', 'waitaof', 'browser', 'contracts'].map(
  (name) => `test/${name}`,
);
const RULE = /^- \*\*([A-Z]{2,3}\d+)\*\* /gm;
const CITATION = /\[([A-Z]{2,3}\d+(?:,\s*[A-Z]{2,3}\d+)*)\]/g;
const ID = /[A-Z]{2,3}\d+/g;

export interface SpecReport {
  rules: string[];
  tests: number;
  problems: string[];
}

/** Rule ids in the order of the document, repeats included. */
export const rulesOf = (spec: string): string[] => [...spec.matchAll(RULE)].map((match) => match[1] ?? '');

export const citedBy = (title: string): string[] =>
  [...title.matchAll(CITATION)].flatMap(([, ids]) => ids?.match(ID) ?? []);

/** `test` of `test('…')`, `test.each([…])('…')`, `it.concurrent('…')`; undefined for other calls. */
function runnerOf(call: Node): 'test' | 'describe' | undefined {
  let callee = call['callee'] as Node;
  if (callee.type === 'CallExpression') callee = callee['callee'] as Node;
  if (callee.type === 'TaggedTemplateExpression') callee = callee['tag'] as Node;
  const root = nameOf(callee)?.split('.')[0];
  if (root === 'test' || root === 'it') return 'test';
  return root === 'describe' ? 'describe' : undefined;
}

export interface Citation {
  line: number;
  title: string;
  rules: string[];
}

/** Every test of a file with the rules that its own title and its describes cite. */
export function citationsOf(source: Source): Citation[] {
  const found: Citation[] = [];
  const visit = (node: Node, inherited: readonly string[]) => {
    let rules = inherited;
    const runner = node.type === 'CallExpression' ? runnerOf(node) : undefined;
    if (runner) {
      const title = literalOf((node['arguments'] as Node[])[0]);
      if (title !== undefined) {
        rules = [...inherited, ...citedBy(title)];
        if (runner === 'test') found.push({ line: lineOf(source, node), title, rules: [...rules] });
      }
    }
    for (const child of childrenOf(node)) visit(child, rules);
  };
  visit(source.program, []);
  return found;
}

export function checkSpec(root: string): SpecReport {
  const report: SpecReport = { rules: [], tests: 0, problems: [] };
  const specPath = join(root, 'SPEC.md');
  if (existsSync(specPath)) report.rules = rulesOf(readFileSync(specPath, 'utf8'));
  const rules = new Set(report.rules);
  const cited = new Set<string>();
  const repeated = report.rules.filter((rule, i) => report.rules.indexOf(rule) !== i);
  for (const rule of new Set(repeated)) report.problems.push(`SPEC.md: rule ${rule} stands twice`);

  for (const path of filesUnder(root, TEST_FOLDERS, /\.tsx?$/)) {
    const source = parse(path, readFileSync(join(root, path), 'utf8'));
    for (const { line, title, rules: ids } of citationsOf(source)) {
      report.tests++;
      if (ids.length === 0) report.problems.push(`${path}:${line} cites no rule: ${title}`);
      for (const id of ids) {
        cited.add(id);
        if (!rules.has(id))
          report.problems.push(`${path}:${line} cites ${id}, which SPEC.md does not have: ${title}`);
      }
    }
  }
  for (const rule of rules) if (!cited.has(rule)) report.problems.push(`SPEC.md: no test cites ${rule}`);
  if (rules.size === 0) report.problems.push('SPEC.md: no rule found');
  return report;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const report = checkSpec(resolve(process.argv[2] ?? '.'));
  for (const problem of report.problems) console.log(problem);
  console.log(
    `${new Set(report.rules).size} rules, ${report.tests} tests, ${report.problems.length} problems`,
  );
  process.exitCode = report.problems.length > 0 ? 1 : 0;
}
