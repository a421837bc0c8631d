import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { MillraceError } from '../errors.ts';
import { readMachineSources } from '../servers/apt-sources.ts';
import { hasApt, privateApt, unpack, type PrivateApt } from '../servers/private-apt.ts';
import { setupDirectory } from './checkout.ts';
import { withLock } from './pid-lock.mjs';
import { unpackedEnvironment } from './unpacked-tree.ts';

/** Other people's programs that tests run against. */
export type ToolName = 'chromium' | 'mosquitto' | 'mosquitto_pub' | 'mosquitto_sub' | 'paho' | 'promtool';

/** How to start a tool: `env` is to be added to the environment (libraries and fonts of an unpacked one). */
export interface Tool {
  path: string;
  env: Record<string, string>;
}

interface Source {
  debianPackage: string;
  /** Names on PATH; the first that is there is taken. */
  names: string[];
  /** Path within the unpacked package. */
  unpacked: string;
  /** It needs no other package's files, whatever its package says. */
  isStatic?: boolean;
  /** It is a module of Python: started is the Python that comes with it, or the machine's, which finds it. */
  isPython?: boolean;
}

const tools: Record<ToolName, Source> = {
  chromium: {
    debianPackage: 'chromium',
    names: ['chromium', 'google-chrome-stable', 'google-chrome', 'chromium-browser'],
    // Not the shell script in usr/bin, which looks for the program under /usr/lib.
    unpacked: 'usr/lib/chromium/chromium',
  },
  mosquitto: { debianPackage: 'mosquitto', names: ['mosquitto'], unpacked: 'usr/sbin/mosquitto' },
  mosquitto_pub: { debianPackage: 'mosquitto-clients', names: ['mosquitto_pub'], unpacked: 'usr/bin/mosquitto_pub' },
  mosquitto_sub: { debianPackage: 'mosquitto-clients', names: ['mosquitto_sub'], unpacked: 'usr/bin/mosquitto_sub' },
  paho: { debianPackage: 'python3-paho-mqtt', names: [], unpacked: 'usr/bin/python3', isPython: true },
  promtool: { debianPackage: 'prometheus', names: ['promtool'], unpacked: 'usr/bin/promtool', isStatic: true },
};

const directory = join(setupDirectory, 'tools');
const manifest = join(directory, 'tools.json');

/** How to start a tool that `ensureTools` has seen to. Throws TOOL_NOT_FOUND. */
export function toolPath(name: ToolName): Tool {
  const tool = readManifest()[name];
  if (tool && existsSync(tool.path)) return tool;
  throw new MillraceError(
    'TOOL_NOT_FOUND',
    `${name} is not set up for tests. npm test and npm run test:interop do that before they start.`,
  );
}

/**
 * Sees to the tools: the machine's own where it has them, else Debian packages with all they need, unpacked under
 * `.millrace/tools/`. Nothing is installed: no service starts, no root is needed, the machine stays as it is.
 * Returns a note for each that was fetched, such as `chromium ready`.
 */
export async function ensureTools(
  names: readonly ToolName[],
  { doing }: { doing?(step: string): void } = {},
): Promise<string[]> {
  const isReady = (name: ToolName) => existsSync(readManifest()[name]?.path ?? '');
  if (names.every(isReady)) return [];
  await mkdir(directory, { recursive: true });
  const onWait = (pid: number) => doing?.(`waiting for another set-up (pid ${pid})`);
  return withLock(join(directory, 'set-up.lock'), onWait, async () => {
    const notes: string[] = [];
    const packages = debianPackages(doing);
    for (const name of names) {
      if (isReady(name)) continue;
      const tool = (await findOnMachine(name)) ?? (await packages.unpack(name));
      if (!tool) throw new MillraceError('TOOL_NOT_FOUND', `${name} is needed for the tests. ${howToInstall(name)}`);
      await writeFile(manifest, JSON.stringify({ ...readManifest(), [name]: tool }, null, 2));
      notes.push(`${name} ready`);
    }
    await packages.forget();
    return notes;
  });
}

function readManifest(): Partial<Record<ToolName, Tool>> {
  return existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as Partial<Record<ToolName, Tool>>) : {};
}

async function findOnMachine(name: ToolName): Promise<Tool | null> {
  // Debian keeps daemons in sbin, which is not on an ordinary user's PATH.
  const places = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/sbin', '/usr/local/sbin'];
  for (const candidate of tools[name].names) {
    for (const place of places) {
      const tool = { path: join(place, candidate), env: {} };
      if (existsSync(tool.path) && (await runs(tool))) return tool;
    }
  }
  return null;
}

/** Debian's packages for tools, with one reading of the index for all of them. */
function debianPackages(doing?: (step: string) => void) {
  let apt: PrivateApt | undefined;

  const fetchPackage = async ({ debianPackage, isStatic }: Source, home: string) => {
    const draft = `${home}.${process.pid}`;
    try {
      if (!apt) {
        doing?.('reading the package index for test tools');
        apt = await privateApt(join(directory, 'apt'), readMachineSources());
        await apt.update();
      }
      doing?.(`fetching ${debianPackage}${isStatic ? '' : ' and what it needs'}`);
      const debs = isStatic ? [await apt.download(debianPackage)] : await apt.downloadClosure([debianPackage]);
      for (const deb of debs) await unpack(deb, draft);
      await Promise.all(debs.map((deb) => rm(deb)));
      await rename(draft, home);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  };

  return {
    unpack: async (name: ToolName): Promise<Tool | null> => {
      if (!hasApt()) return null;
      const source = tools[name];
      const home = join(directory, source.debianPackage);
      try {
        if (!existsSync(home)) await fetchPackage(source, home);
      } catch (error) {
        const { stderr, message } = error as { stderr?: string; message: string };
        const why = `${source.debianPackage} could not be fetched: ${stderr?.trim().split('\n').at(-1) || message}.`;
        throw new MillraceError('TOOL_NOT_FOUND', `${why} ${howToInstall(name)}`, { cause: error });
      }
      const environment = source.isStatic ? {} : await unpackedEnvironment(home);
      const tool = { path: join(home, source.unpacked), env: environment };
      if (source.isPython) Object.assign(tool, pythonIn(home, tool));
      return (await runs(tool)) ? tool : null;
    },
    forget: async () => apt?.remove(),
  };
}

/** The Python that was unpacked; where the machine has one, the module alone was. */
function pythonIn(home: string, { path, env }: Tool): Tool {
  const PYTHONPATH = join(home, 'usr/lib/python3/dist-packages');
  if (!existsSync(path)) return { path: '/usr/bin/python3', env: { PYTHONPATH } };
  return { path, env: { ...env, PYTHONPATH, PYTHONHOME: join(home, 'usr') } };
}

/** Whether the loader finds all libraries: it ends with 127 where one is missing, each tool otherwise in its own way. */
function runs({ path, env }: Tool): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(path, ['--version'], { stdio: 'ignore', env: { ...process.env, ...env }, timeout: 20_000 });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code !== null && code < 126));
  });
}

function howToInstall(name: ToolName): string {
  return `Install it (Debian, Ubuntu: apt-get install ${tools[name].debianPackage}; macOS: brew) and run the command again.`;
}
