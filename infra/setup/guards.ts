import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout.ts';

/** One thing the repository is checked for: a program of node_modules and its arguments. */
export interface Guard {
  name: 'types' | 'lint' | 'format' | 'dead code' | 'imports';
  package: string;
  program: string;
  args: string[];
}

/** The import direction is a test, because no linter here knows it. */
export const guards: readonly Guard[] = [
  { name: 'types', package: 'typescript', program: 'tsc', args: ['--noEmit'] },
  { name: 'lint', package: 'oxlint', program: 'oxlint', args: ['--type-aware'] },
  { name: 'format', package: 'oxfmt', program: 'oxfmt', args: ['--check'] },
  { name: 'dead code', package: 'knip', program: 'knip', args: ['--no-progress'] },
  {
    name: 'imports',
    package: 'vitest',
    program: 'vitest',
    args: ['run', '--project', 'repository', 'test/repository/imports.test.ts'],
  },
];

/**
 * Runs a guard on a directory; the code it ended with. The program itself is run and not its link in `.bin`, which would
 * choose a Node of its own.
 * @param onOutput gets what the guard prints; without it that goes to this process's own output
 */
export function runGuard(guard: Guard, directory: string, onOutput?: (text: string) => void): Promise<number | null> {
  const home = join(checkout, 'node_modules', guard.package);
  const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  const path = join(home, typeof bin === 'string' ? bin : bin[guard.program]!);
  const output = onOutput ? 'pipe' : 'inherit';
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path, ...guard.args], { cwd: directory, stdio: ['ignore', output, output] });
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput!);
    child.once('error', reject);
    child.once('close', resolve);
  });
}
