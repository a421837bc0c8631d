import type { z } from 'zod';
import { suggestion } from './nearest-name.ts';
import { type ConfigPath, valueText } from './problem.ts';

/** A mistake with the path of the value it is about. */
export interface Finding {
  readonly path: ConfigPath;
  readonly message: string;
}

/** What zod found, in sentences. `keysAt` names the keys that are known at a path. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], keysAt: (path: ConfigPath) => string[]): Finding[] {
  return issues.flatMap(meant).flatMap((issue) => {
    const path = issue.path as ConfigPath;
    if (issue.code !== 'unrecognized_keys') return [{ path, message: describe(issue, path) }];
    const known = keysAt(path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: known.includes(key) ? 'belongs to entries of another kind' : `is not known${suggestion(key, known)}`,
    }));
  });
}

/** Of entries that may be one of several maps: the issues with the one that was meant, going by the key that tells them apart. */
function meant(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || !issue.errors.some((errors) => errors.some(isOtherMap))) return [issue];
  const { errors, input, path } = issue;
  const candidates = errors.filter((one) => !one.some(isOtherMap));
  const keyed = errors.find(
    ([first]) => first && isOtherMap(first) && Object.hasOwn(Object(input), first.discriminator!),
  );
  const chosen = candidates[0] ?? keyed ?? errors[0]!;
  return chosen.flatMap((one) => meant({ ...one, path: [...path, ...one.path] }));
}

type UnionIssue = Extract<z.core.$ZodIssue, { code: 'invalid_union' }>;

function isOtherMap(issue: z.core.$ZodIssue): issue is UnionIssue & { options?: unknown } {
  return issue.code === 'invalid_union' && issue.discriminator !== undefined;
}

function describe(issue: z.core.$ZodIssue, path: ConfigPath): string {
  const { input } = issue;
  const is = isSecret(path) ? '' : `, is ${valueText(input)}`;
  switch (issue.code) {
    case 'invalid_type':
      return input === undefined ? 'is missing' : `must be ${typeNames[issue.expected] ?? issue.expected}${is}`;
    case 'invalid_value': {
      const values = issue.values.map(String);
      const near = typeof input === 'string' ? suggestion(input, values) : '';
      return input === undefined ? 'is missing' : `must be one of ${values.join(', ')}${is}${near}`;
    }
    case 'too_small':
      if (issue.origin === 'array') return `needs at least ${issue.minimum}`;
      if (issue.origin === 'string')
        return issue.minimum === 1 ? 'must not be empty' : `must have ${issue.minimum} characters or more`;
      return `must be at least ${issue.minimum}${is}`;
    case 'too_big':
      return issue.origin === 'array' ? `has more than ${issue.maximum}` : `must be at most ${issue.maximum}${is}`;
    case 'invalid_union':
      if (isOtherMap(issue)) return describeChoice(issue);
      return `${issue.message}${is}`;
    case 'invalid_format':
      return `${issue.message}${is}`;
    default:
      return issue.message;
  }
}

/** A key such as `format`, whose value says what else may stand there. */
function describeChoice({ input, discriminator, ...issue }: UnionIssue & { options?: unknown }): string {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return `must be a map of settings, is ${valueText(input)}`;
  const said = (input as Record<string, unknown>)[discriminator!];
  if (said === undefined) return 'is missing';
  const values = Array.isArray(issue.options) ? issue.options.map(String) : [];
  const near = typeof said === 'string' ? suggestion(said, values) : '';
  return `must be one of ${values.join(', ')}, is ${valueText(said)}${near}`;
}

const typeNames: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list of two numbers',
  object: 'a map of settings',
  record: 'a map',
};

/** Values that must not appear on a screen or in a log. */
function isSecret(path: ConfigPath): boolean {
  const last = path.at(-1);
  return last === 'secret' || last === 'token' || last === 'password';
}
