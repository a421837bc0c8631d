import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkout, setupDirectory } from './checkout.ts';
import { withLock } from './pid-lock.mjs';

const run = promisify(execFile);

/** What the page is made of: its own sources, the contracts it imports, the versions of what it is built with. */
const sources = ['dashboard/web', 'events', 'package-lock.json'];
const built = join(checkout, 'dashboard', 'web', 'dist');
const stamp = join(built, '.built-from');

/** Builds the dashboard's page unless what is there was built from the very same sources. Tells whether it built. */
export async function ensureWebBuild({ doing }: { doing?(step: string): void } = {}): Promise<boolean> {
  const wanted = await fingerprint();
  if (await isBuiltFrom(wanted)) return false;
  const onWait = (pid: number) => doing?.(`waiting for another build (pid ${pid})`);
  return withLock(join(setupDirectory, 'web-build.lock'), onWait, async () => {
    if (await isBuiltFrom(wanted)) return false;
    doing?.('building the dashboard');
    const vite = join(checkout, 'node_modules', 'vite', 'bin', 'vite.js');
    const args = [vite, 'build', 'dashboard/web', '--logLevel', 'warn', '--emptyOutDir'];
    try {
      await run(process.execPath, args, { cwd: checkout, env: { ...process.env, NODE_ENV: 'production' } });
    } catch (error) {
      const { stderr, stdout } = error as { stderr?: string; stdout?: string };
      throw new Error(`The dashboard could not be built:\n${stderr?.trim() || stdout?.trim()}`, { cause: error });
    }
    await writeFile(stamp, wanted);
    return true;
  });
}

async function isBuiltFrom(wanted: string): Promise<boolean> {
  return existsSync(join(built, 'index.html')) && existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted;
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const path of await filesBelow(source)) hash.update(`${path}\0`).update(await readFile(join(checkout, path)));
  }
  return hash.digest('hex');
}

async function filesBelow(path: string): Promise<string[]> {
  if (path.endsWith('.json')) return [path];
  const entries = await readdir(join(checkout, path), { withFileTypes: true });
  const below: string[] = [];
  for (const entry of entries) {
    if (['dist', 'node_modules'].includes(entry.name) || /\.test\.tsx?$/.test(entry.name)) continue;
    const inner = `${path}/${entry.name}`;
    below.push(...(entry.isDirectory() ? await filesBelow(inner) : [inner]));
  }
  return below.toSorted();
}
