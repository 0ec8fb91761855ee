/** A failed schema check as a fault that names the field, the limit and the fix. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** More of them at once only hide the first. */
const ISSUES_SHOWN_MAX = 5;

const UNIT: Readonly<Record<string, string>> = { string: ' characters', array: ' items' };
const TYPE: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number from -(2^53 - 1) to 2^53 - 1',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
/** How zod's own messages begin; any other was written by a schema of ours, and says it better. */
const ZOD_MESSAGE = /^(?:Invalid|Too|Unrecognized)/;

interface Explained {
  field: string;
  limit: string;
  fix: string;
  /** The clause after the field. */
  wrong: string;
}

/** @param where what the schema was for: its name stands for the field when the whole is wrong */
export function invalidRequest(error: z.core.$ZodError, where: string): Fault {
  const issues = error.issues.map((issue) => explain(issue, where));
  const shown = issues.slice(0, ISSUES_SHOWN_MAX).map(({ field, wrong }) => `${field}: ${wrong}`);
  const more = issues.length > shown.length ? [`and ${issues.length - shown.length} more`] : [];
  const { field = where, limit = 'as documented', fix = 'see /v1/openapi.json' } = issues[0] ?? {};
  return new Fault('INVALID_REQUEST', [...shown, ...more].join('; '), { field, limit, fix });
}

function explain(issue: Issue, where: string): Explained {
  const field = issue.path.length > 0 ? issue.path.map(String).join('.') : where;
  if (issue.code === 'unrecognized_keys') {
    const at = issue.path.length > 0 ? `${field}.` : '';
    const names = issue.keys.map((key) => at + key.slice(0, 64)).join(', ');
    return {
      field: names,
      wrong: 'is not a known name here',
      limit: 'known names only',
      fix: `leave out ${names}`,
    };
  }
  // A rule between fields says in a sentence of its own what is wrong.
  if (issue.code === 'custom') {
    const [, bound] = /^must be (.+)$/.exec(issue.message) ?? [];
    return bound === undefined
      ? { field, wrong: issue.message, limit: issue.message, fix: `change ${field}: ${issue.message}` }
      : { field, wrong: issue.message, limit: bound, fix: `make ${field} ${bound}` };
  }
  const limit = limitOf(issue);
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return { field, wrong: 'is missing', limit, fix: `send ${field}` };
  return { field, wrong: `must be ${limit}`, limit, fix: `make ${field} ${limit}` };
}

function limitOf(issue: Issue): string {
  if (!ZOD_MESSAGE.test(issue.message)) return issue.message.replace(/^(?:must be|use) /, '');
  switch (issue.code) {
    case 'invalid_type':
      return TYPE[issue.expected] ?? issue.expected;
    case 'too_small':
      return `at least ${issue.minimum}${UNIT[issue.origin] ?? ''}`;
    case 'too_big':
      return `at most ${issue.maximum}${UNIT[issue.origin] ?? ''}`;
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'invalid_format':
      return `text of the form ${issue.pattern ?? issue.format}`;
    default:
      return 'as /v1/openapi.json says';
  }
}
