// Brings node_modules up to date with package-lock.json. The stamp lies inside node_modules, so that whatever removes or
// half-installs it (npm ci begins by deleting it) also removes the stamp.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { withLock } from './pid-lock.mjs';
import { installedPackages, isInstalledAsLocked } from './installed.mjs';
import { findNode } from './node-runtime.mjs';

/** Installs what the lockfile names unless node_modules has exactly that. Throws an Error with a sentence for the user. */
export async function ensureDependencies(root, setup) {
  const lockfile = readFileSync(join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lockfile).digest('hex');
  if (isUpToDate(root, lockfile, wanted)) return;

  mkdirSync(join(root, '.millrace'), { recursive: true });
  const onWait = (pid) => setup.doing(`waiting for another set-up (pid ${pid})`);
  await withLock(join(root, '.millrace', 'dependencies.lock'), onWait, async () => {
    if (isUpToDate(root, lockfile, wanted)) return;
    const startedMs = Date.now();
    setup.doing('installing dependencies');
    await runNpmCi(root);
    if (installedPackages(root) === null) {
      throw new Error(
        'npm left the dependencies incomplete. Make sure that the disk has room, then run the command again.',
      );
    }
    // Under an old Node npm silently leaves out native packages that want a newer one, which is there by now.
    if (!isInstalledAsLocked(root, JSON.parse(lockfile))) await runNpmCi(root, findNode(root).path);
    mkdirSync(join(root, 'node_modules'), { recursive: true });
    writeFileSync(stampPath(root), wanted);
    setup.done(`dependencies ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  });
}

function stampPath(root) {
  return join(root, 'node_modules', '.millrace-lock');
}

function isUpToDate(root, lockfile, wanted) {
  const stamp = stampPath(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  if (!isInstalledAsLocked(root, JSON.parse(lockfile))) return false;
  writeFileSync(stamp, wanted);
  return true;
}

function runNpmCi(root, node = process.execPath) {
  // Within an npm script the npm that runs it is used, and it need not be on PATH.
  const cli = process.env.npm_execpath;
  const [command, ...before] = cli && basename(cli) === 'npm-cli.js' ? [node, cli] : ['npm'];
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'];
  // NODE_ENV=production or an omit setting would leave out what builds the dashboard.
  const everything = ['--include=dev', '--include=optional'];
  const child = spawn(command, [...before, 'ci', ...quiet, ...everything], {
    cwd: root,
    env: { ...process.env, PATH: [dirname(node), process.env.PATH].filter(Boolean).join(delimiter) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk) => (output = (output + chunk).slice(-outputKeptCharacters));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let isStopped = false; // npm 9 ends with 1 when it was interrupted, later ones with 130.
  const stop = (signal) => {
    isStopped = true;
    child.kill(signal);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return new Promise((resolve, reject) => {
    child.on('error', (error) =>
      reject(
        new Error(
          error.code === 'ENOENT'
            ? 'npm is not on PATH. Install Node with npm (https://nodejs.org) and run the command again.'
            : `npm could not be started: ${error.message}.`,
        ),
      ),
    );
    child.on('close', (code, signal) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      if (code === 0) return resolve();
      const interrupted = isStopped || signal === 'SIGINT' || code === 130;
      reject(
        Object.assign(
          new Error(
            interrupted
              ? 'Set-up was interrupted. Run the command again to complete it.'
              : `The dependencies could not be installed:\n${withoutStack(output)}\n` +
                  'Check that the npm registry can be reached, then run the command again.',
          ),
          { exitCode: interrupted ? 130 : 1 },
        ),
      );
    });
  });
}

/** What npm said without the lines that only npm's authors can use. */
function withoutStack(output) {
  return output.trim().replaceAll(/^npm (?:error|ERR!) +at .*\n/gm, '');
}

const outputKeptCharacters = 8_000;
