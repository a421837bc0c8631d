import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { MillraceError } from '../errors.ts';
import { setupDirectory } from '../setup/checkout.ts';
import { tryLock, withLock } from '../setup/pid-lock.mjs';
import { readMachineSources } from './apt-sources.ts';
import { serverSuites } from './debian-suites.ts';
import { hasApt, privateApt, unpack } from './private-apt.ts';
import { readVersion, type ServerBinary, type ServerName } from './server-binary.ts';

const run = promisify(execFile);

/** An index serves both servers of one set-up; a day later it names packages that the mirror no longer has. */
const indexFreshMs = 60 * 60_000;

export interface ResolveOptions {
  /** A path from the configuration: then this or nothing. */
  configured?: string;
  /** Where unpacked servers are kept; the checkout's `.millrace/servers/`. */
  directory?: string;
  /** The step under way, for a person to read. */
  doing?(step: string): void;
  /** A sentence worth keeping, such as a suite that could not be read. */
  say?(sentence: string): void;
}

const settings: Record<ServerName, string> = { 'nats-server': 'nats.binary', influxd: 'influx.binary' };
const debianPackages: Record<ServerName, string> = { 'nats-server': 'nats-server', influxd: 'influxdb' };
const brewFormulas: Record<ServerName, string> = { 'nats-server': 'nats-server', influxd: 'influxdb@1' };

/**
 * Finds a server program, in this order: the configured path, what was unpacked before, Debian's or Ubuntu's packages,
 * PATH, Homebrew. Rejects with SERVER_NOT_FOUND and what to do.
 */
export async function resolveServer(name: ServerName, options: ResolveOptions = {}): Promise<ServerBinary> {
  const directory = options.directory ?? join(setupDirectory, 'servers');
  if (options.configured !== undefined) {
    const binary = await readVersion(name, options.configured);
    if (binary) return binary;
    throw new MillraceError(
      'SERVER_NOT_FOUND',
      `${settings[name]} is ${options.configured}, which does not run or is no ${name}. Correct it or leave it out.`,
    );
  }
  return (
    (await findUnpacked(name, directory)) ??
    (await setUp(name, directory, options)) ??
    (await findOnPath(name)) ??
    (await findInHomebrew(name)) ??
    notFound(name)
  );
}

/** Removes the package indexes (100 MB) that setting up servers left for the next of them. */
export async function forgetPackageIndexes(directory = join(setupDirectory, 'servers')): Promise<void> {
  const indexes = join(directory, 'apt');
  if (!existsSync(indexes)) return;
  // Whoever is setting up a server now removes them in turn.
  const lock = tryLock(join(directory, 'set-up.lock'));
  if (!('release' in lock)) return;
  await rm(indexes, { recursive: true, force: true });
  lock.release();
}

/** `<directory>/<name>-<package version>/` holds the unpacked package; the directory appears when it is complete. */
async function findUnpacked(name: ServerName, directory: string): Promise<ServerBinary | null> {
  if (!existsSync(directory)) return null;
  for (const entry of await readdir(directory)) {
    if (!entry.startsWith(`${name}-`)) continue;
    for (const place of ['usr/sbin', 'usr/bin']) {
      const path = join(directory, entry, place, name);
      const binary = existsSync(path) ? await readVersion(name, path) : null;
      if (binary) return binary;
    }
  }
  return null;
}

async function setUp(name: ServerName, directory: string, options: ResolveOptions): Promise<ServerBinary | null> {
  const suites = hasApt() ? serverSuites(readMachineSources()) : [];
  if (suites.length === 0) return null;
  await mkdir(directory, { recursive: true });
  const onWait = (pid: number) => options.doing?.(`waiting for another set-up (pid ${pid})`);
  return withLock(join(directory, 'set-up.lock'), onWait, async () => {
    const found = await findUnpacked(name, directory);
    if (found) return found;
    for (const source of suites) {
      const suite = source.suites[0]!;
      const binary = await unpackFrom(name, directory, { ...source, suites: [suite] }, suite, options);
      if (binary) return binary;
    }
    return null;
  });
}

async function unpackFrom(
  name: ServerName,
  directory: string,
  source: Parameters<typeof privateApt>[1][number],
  suite: string,
  { doing, say }: ResolveOptions,
): Promise<ServerBinary | null> {
  const draft = join(directory, `.${name}-${process.pid}`);
  const state = join(directory, 'apt', suite);
  try {
    const apt = await privateApt(state, [source]);
    if (!(await isFresh(join(state, 'fetched')))) {
      doing?.(`reading Debian's package index (${suite})`);
      await apt.update();
      await writeFile(join(state, 'fetched'), new Date().toISOString());
    }
    doing?.(`fetching ${name}`);
    const deb = await apt.download(debianPackages[name], suite);
    await unpack(deb, draft);
    await rm(deb);
    for (const place of ['usr/sbin', 'usr/bin']) {
      const binary = await readVersion(name, join(draft, place, name));
      if (!binary) continue;
      const home = join(directory, `${name}-${binary.version}`);
      await rm(home, { recursive: true, force: true });
      await rename(draft, home);
      return { ...binary, path: join(home, place, name) };
    }
    say?.(`${name} of ${suite} does not run on this machine`);
  } catch (error) {
    say?.(`${name}: ${suite} gave none (${lastLine(error)})`);
    await rm(join(state, 'fetched'), { force: true });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return null;
}

async function isFresh(mark: string): Promise<boolean> {
  return existsSync(mark) && Date.now() - (await stat(mark)).mtimeMs < indexFreshMs;
}

async function findOnPath(name: ServerName): Promise<ServerBinary | null> {
  for (const directory of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(directory, name);
    const binary = existsSync(path) ? await readVersion(name, path) : null;
    if (binary) return binary;
  }
  return null;
}

async function findInHomebrew(name: ServerName): Promise<ServerBinary | null> {
  try {
    const { stdout } = await run('brew', ['--prefix', brewFormulas[name]]);
    return await readVersion(name, join(stdout.trim(), 'bin', name));
  } catch {
    // No Homebrew, or it does not have the formula.
    return null;
  }
}

/** How to run the server in a container instead, with the address to give to Millrace. */
const containers: Record<ServerName, string> = {
  'nats-server': 'docker run -d -p 127.0.0.1:14222:4222 nats:2 -js, and set MILLRACE_NATS_URL=nats://127.0.0.1:14222',
  influxd: 'docker run -d -p 127.0.0.1:18086:8086 influxdb:1.8, and set MILLRACE_INFLUX_URL=http://127.0.0.1:18086',
};

function notFound(name: ServerName): never {
  throw new MillraceError(
    'SERVER_NOT_FOUND',
    `There is no ${name} on this machine and none could be fetched. Install it (macOS: brew install ` +
      `${brewFormulas[name]}) or set ${settings[name]} to its path, or run it in a container: ${containers[name]}.`,
  );
}

/** The line of a failed command's output that says why. */
function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  const lines = (stderr?.trim() || message || String(error)).split('\n');
  return (lines.find((line) => line.startsWith('E: ')) ?? lines.at(-1)!).replace(/^E: /, '').slice(0, 200);
}
