// Whether npm left in node_modules exactly what the lockfile names, by npm's own record of it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecent, packageName } from './node-runtime.mjs';

/**
 * Compares package by package. Optional packages may be missing when they are for other machines; those for this one may
 * not, nor the one with Node where it is needed.
 * @param {string} root the checkout
 * @param {{packages: Record<string, object>}} lock package-lock.json
 */
export function isInstalledAsLocked(root, lock) {
  const installed = installedPackages(root);
  if (!installed) return false;
  const node = `node_modules/${packageName()}`;
  if (!isRecent(process.versions.node) && lock.packages[node] && !installed[node]) return false;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return wanted.optional === true && !isForThisMachine(wanted);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** npm's record; undefined when there is none, null when it was cut off, as on a full disk. */
export function installedPackages(root) {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return undefined;
  try {
    return JSON.parse(readFileSync(record, 'utf8')).packages;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Packages of native code name the system, the processor and, on Linux, the C library they were compiled for. */
function isForThisMachine({ os, cpu, libc }) {
  const isNative = os !== undefined && cpu !== undefined;
  return (
    isNative && os.includes(process.platform) && cpu.includes(process.arch) && (libc ?? [ownLibc()]).includes(ownLibc())
  );
}

function ownLibc() {
  const { glibcVersionRuntime } = process.report.getReport().header;
  return glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}
