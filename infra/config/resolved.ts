import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { MillraceError } from '../errors.ts';
import { loadConfig } from './load.ts';
import { problemLines } from './problem.ts';
import type { Config } from './schema.ts';

/** Through this variable `up` tells its children where the checked configuration is, units and ports resolved. */
export const resolvedConfigVariable = 'MILLRACE_CONFIG_JSON';

/** Writes the checked configuration for the children. It holds secrets: only its owner reads it. */
export function writeResolvedConfig(path: string, config: Config): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(config, null, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/**
 * The configuration of a process: what `up` wrote for it, else what file and environment say.
 * @throws CONFIG_INVALID with every mistake
 */
export function configFromEnvironment(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const path = env[resolvedConfigVariable];
  if (path !== undefined) return JSON.parse(readFileSync(path, 'utf8')) as Config;
  const loaded = loadConfig({ env });
  if ('config' in loaded) return loaded.config;
  throw new MillraceError('CONFIG_INVALID', problemLines(loaded.file, loaded.problems).join('\n'));
}
