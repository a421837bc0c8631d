import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkout } from '../setup/checkout.ts';
import { withAccessFiles } from './access-checks.ts';
import { crossCheck } from './cross-checks.ts';
import { configJsonSchema, formsOf, type SchemaNode } from './json-schema.ts';
import { type ConfigFlags, override } from './overrides.ts';
import { type ConfigPath, pathText, type Problem } from './problem.ts';
import { type Config, configSchema } from './schema.ts';
import { describeIssues } from './schema-problems.ts';
import { withTableFiles } from './table-files.ts';
import { versionBytesProblem } from './version-bytes.ts';
import { parseYaml, type YamlSource } from './yaml-source.ts';

export interface ConfigSources {
  /** The file that was asked for; without it `./millrace.yaml` if there is one, else the defaults. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags?: ConfigFlags;
}

export type Loaded =
  | { readonly config: Config; readonly file: string | null }
  | { readonly problems: readonly Problem[]; readonly file: string | null };

/**
 * Reads the configuration: file, then environment, then flags. Either all of it holds, or every mistake is told.
 * Relative paths of `data` stay as they are, relative to the working directory.
 */
export function loadConfig({ file: asked, env, flags = {} }: ConfigSources): Loaded {
  const named = asked ?? (env['MILLRACE_CONFIG'] || undefined);
  const file = named ?? (existsSync(defaultFile) ? defaultFile : null);
  let text = '';
  try {
    if (file !== null) text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message =
      code === 'ENOENT'
        ? 'does not exist: name another file with --config or MILLRACE_CONFIG'
        : `cannot be read (${code})`;
    return { problems: [{ at: '', message }], file };
  }
  const source = parseYaml(text);
  if (source.problems.length > 0) return { problems: source.problems, file };
  return { ...checkConfig(source, env, flags, file === null ? '.' : dirname(file)), file };
}

const defaultFile = 'millrace.yaml';

function checkConfig(
  source: YamlSource,
  env: ConfigSources['env'],
  flags: ConfigFlags,
  folder: string,
): { config: Config } | { problems: readonly Problem[] } {
  const fileValue = source.value ?? {};
  if (typeof fileValue !== 'object' || Array.isArray(fileValue))
    return { problems: [{ at: '', message: 'must be a map of settings such as "rules:"', line: 1 }] };

  const { value: written, problems, origins } = override(fileValue as Record<string, unknown>, env, flags);
  const { value, findings: fileFindings } = withTableFiles(withAccessFiles(written, folder), folder);
  const parsed = configSchema.safeParse(value, { reportInput: true });
  const findings = [
    ...(parsed.success ? [] : describeIssues(parsed.error.issues, knownKeys)),
    ...fileFindings,
    ...crossCheck(value, (name) => existsSync(resolve(checkout, name))),
  ];
  const all = [
    ...problems,
    ...findings.map(({ path, message }) => {
      const origin = origins.get(path.join('.'));
      return origin ? { at: origin, message } : { at: pathText(path), message, line: source.lineOf(path) };
    }),
  ];
  const tooLarge = parsed.success ? versionBytesProblem(parsed.data) : null;
  if (tooLarge !== null) all.push({ at: 'tables', message: tooLarge, line: source.lineOf(['tables']) });
  if (all.length > 0 || !parsed.success) return { problems: all.toSorted(byLine) };
  return { config: parsed.data };
}

function byLine(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0);
}

/** The keys that may stand in the map at `path`. */
function knownKeys(path: ConfigPath): string[] {
  let node: SchemaNode | undefined = configJsonSchema();
  for (const part of path) {
    if (typeof part === 'string') node = node?.properties?.[part];
    else node = typeof node?.items === 'object' ? node.items : undefined;
  }
  return [...new Set(formsOf(node).flatMap(({ properties = {} }) => Object.keys(properties)))];
}
