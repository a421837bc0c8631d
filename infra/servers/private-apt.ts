import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AptSource } from './apt-sources.ts';

const run = promisify(execFile);

/** What one call of apt may take; a first index of a suite is about 10 MB. */
const aptTimeoutMs = 10 * 60_000;
const outputMaxBytes = 64 * 2 ** 20;

/**
 * An apt of our own under `directory`: own package lists, own cache, own sources. It needs no root and no package lists
 * on the machine, and changes nothing there. The machine's apt.conf (proxies, certificates) still holds.
 *
 * `installed` says what counts as installed when dependencies are looked up: the machine's packages, or none.
 */
export interface PrivateApt {
  /** Fetches the indexes of all sources. Rejects with apt's own words. */
  update(): Promise<void>;
  /** Fetches one package without its dependencies; the path of the .deb file. */
  download(name: string, suite?: string): Promise<string>;
  /** Fetches packages with all they need that is not installed; the paths of the .deb files. */
  downloadClosure(names: readonly string[]): Promise<string[]>;
  /** Removes indexes and downloads. */
  remove(): Promise<void>;
}

export async function privateApt(directory: string, sources: readonly AptSource[]): Promise<PrivateApt> {
  const archives = join(directory, 'cache', 'archives');
  const list = join(directory, 'sources.list');
  const empty = join(directory, 'no-parts');
  await mkdir(join(directory, 'state', 'lists', 'partial'), { recursive: true });
  await mkdir(join(archives, 'partial'), { recursive: true });
  await mkdir(empty, { recursive: true });
  await writeFile(list, sources.map(sourceLine).join(''));
  const status = '/var/lib/dpkg/status';
  const options = [
    `Dir::State=${join(directory, 'state')}`,
    `Dir::State::status=${existsSync(status) ? status : '/dev/null'}`,
    `Dir::Cache=${join(directory, 'cache')}`,
    `Dir::Etc::sourcelist=${list}`,
    `Dir::Etc::sourceparts=${empty}`,
    `Dir::Etc::preferencesparts=${empty}`,
    // The sandbox user cannot write below a home directory that is closed to others.
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=2',
    'APT::Update::Error-Mode=any',
    // No lock of the system is needed: nothing of the system is touched.
    'Debug::NoLocking=1',
  ].flatMap((option) => ['-o', option]);
  const apt = (args: readonly string[]) =>
    run('apt-get', [...options, '-q', ...args], {
      cwd: archives,
      timeout: aptTimeoutMs,
      maxBuffer: outputMaxBytes,
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });
  const debs = async () =>
    (await readdir(archives)).filter((name) => name.endsWith('.deb')).map((name) => join(archives, name));

  return {
    update: async () => {
      await apt(['update']);
    },
    download: async (name, suite) => {
      const before = new Set(await debs());
      await apt(['download', suite === undefined ? name : `${name}/${suite}`]);
      const found = (await debs()).find((path) => !before.has(path));
      if (found === undefined) throw new Error(`apt-get download ${name} left no package`);
      return found;
    },
    downloadClosure: async (names) => {
      await apt(['install', '--download-only', '--no-install-recommends', '-y', ...names]);
      return debs();
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Names only the package index as a target: other indexes (descriptions, software centre) are larger than it. */
function sourceLine({ uri, suites, components, signedBy }: AptSource): string {
  const options = ['target=Packages', signedBy && `signed-by=${signedBy}`].filter(Boolean).join(' ');
  return suites.map((suite) => `deb [${options}] ${uri} ${suite} ${components.join(' ')}\n`).join('');
}

/** Unpacks a package's files below `target`, running none of its scripts. */
export async function unpack(deb: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await run('dpkg', ['-x', deb, target], { maxBuffer: outputMaxBytes });
}

/** Whether this machine has what the above needs. */
export function hasApt(): boolean {
  return ['apt-get', 'dpkg'].every((name) => existsSync(`/usr/bin/${name}`));
}
