import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolPath } from '../infra/setup/test-tools.ts';
import { freePorts, until } from './millrace.ts';

/** A real mosquitto on a free port that keeps its sessions in a file, for tests. */
export interface Mosquitto extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** What it has said so far. */
  output(): string;
  /** Ends it: at SIGTERM it saves its file first. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again on the same port and file. */
  start(): Promise<void>;
}

/** @param lines of its configuration, besides port and persistence; by default everybody may come */
export async function runMosquitto(lines: readonly string[] = ['allow_anonymous true']): Promise<Mosquitto> {
  const tool = toolPath('mosquitto');
  const directory = await mkdtemp(join(tmpdir(), 'millrace-mosquitto-'));
  const [port] = (await freePorts(1)) as [number];
  const file = join(directory, 'mosquitto.conf');
  // Saved with each change: without that a kill -9 takes what came since the last half hour.
  const persistence = [
    'persistence true',
    `persistence_location ${directory}/`,
    'autosave_interval 1',
    'autosave_on_changes true',
  ];
  // As root it would look for a user of its own.
  const user = process.getuid?.() === 0 ? ['user root'] : [];
  await writeFile(
    file,
    [
      ...user,
      `listener ${port} 127.0.0.1`,
      'max_queued_messages 100000',
      'log_type all',
      ...persistence,
      ...lines,
      '',
    ].join('\n'),
  );
  let child: ChildProcess | null = null;
  let output = '';
  const start = async () => {
    const started = spawn(tool.path, ['-c', file], {
      env: { ...process.env, ...tool.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    started.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    started.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until('mosquitto listens', async () => {
      if (started.exitCode !== null) throw new Error(`mosquitto ended with ${started.exitCode}: ${output}`);
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
      return true;
    });
  };
  const kill = async (signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL') => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    output: () => output,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
