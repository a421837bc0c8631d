#!/usr/bin/env node
// What every npm script and the `millrace` command call. Plain JavaScript for Node >= 18 without dependencies, because
// it runs before there are any: it brings node_modules up to date with the lockfile, then runs the real program with a
// Node that is new enough to run TypeScript.
//
//   node infra/launch.mjs <command> [options]        the command line, infra/cli.ts
//   node infra/launch.mjs --script <file> [args]     another entry point of this repository
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './setup/dependencies.mjs';
import { findNode } from './setup/node-runtime.mjs';
import { createSetupLine, notesVariable } from './setup/setup-line.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** These prepare more (servers, tools) and print one line for all of it, which then includes the launcher's part. */
const reportSetupThemselves = new Set(['up', 'node_modules/vitest/vitest.mjs']);

/** One Ctrl-C reaches the launcher twice, from the terminal and from npm: within this time it counts once. */
const repeatedSignalMs = 500;

const args = process.argv.slice(2);
const isScript = args[0] === '--script';
if (isScript && args[1] === undefined) fail('--script needs a file.', 2);
const entry = isScript ? args[1] : 'infra/cli.ts';
const entryArgs = isScript ? args.slice(2) : args;

const setup = createSetupLine();
let node;
try {
  await ensureDependencies(root, setup);
  node = findNode(root);
} catch (error) {
  setup.clear();
  fail(error.message, error.exitCode ?? 1);
}
const hasWorked = setup.notes.length > 0;
setup.done(`node ${node.version.split('.').slice(0, 2).join('.')} ready`);
const leaveReport = reportSetupThemselves.has(isScript ? entry : args[0]);
if (hasWorked && !leaveReport) setup.finish();
else setup.clear();

const child = spawn(node.path, [join(root, entry), ...entryArgs], {
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: [dirname(node.path), process.env.PATH].filter(Boolean).join(delimiter),
    // Compiled code is kept: a process that starts again after a crash is there in half the time.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, '.millrace', 'compiled'),
    [notesVariable]: leaveReport ? JSON.stringify(setup.notes) : undefined,
  },
});

let lastInterruptMs = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal === 'SIGINT') {
      const nowMs = Date.now();
      if (nowMs - lastInterruptMs < repeatedSignalMs) return;
      lastInterruptMs = nowMs;
    }
    child.kill(signal);
  });
}
child.on('error', (error) => fail(`${node.path} could not be started: ${error.message}.`, 1));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

function fail(message, exitCode) {
  process.stderr.write(`error  ${message}\n`);
  process.exit(exitCode);
}
