import { createServer } from 'node:net';
import { MillraceError } from '../errors.ts';
import { findListener } from './listeners.ts';

/**
 * Rejects with PORT_TAKEN when nothing of ours could listen there:
 * `port 1883 is taken (mosquitto, pid 812). Set MILLRACE_MQTT_PORT or mqtt.port.`
 * @param setting what to set instead, e.g. `MILLRACE_MQTT_PORT or mqtt.port`
 */
export async function assertPortFree(port: number, host: string, setting: string): Promise<void> {
  const problem = await tryListen(port, host);
  if (problem === null) return;
  const cause = { cause: problem };
  switch (problem.code) {
    case 'EADDRINUSE': {
      const holder = findListener(port);
      const who = holder ? ` (${holder.name}, pid ${holder.pid})` : '';
      throw new MillraceError('PORT_TAKEN', `port ${port} is taken${who}. Set ${setting}.`, cause);
    }
    case 'EACCES':
      throw new MillraceError(
        'PORT_TAKEN',
        `port ${port} needs more rights than this user has. Set ${setting}.`,
        cause,
      );
    case 'EADDRNOTAVAIL':
      throw new MillraceError('PORT_TAKEN', `${host} is no address of this machine. Set ${setting}.`, cause);
    default:
      throw new MillraceError('PORT_TAKEN', `port ${port} cannot be used: ${problem.message}. Set ${setting}.`, cause);
  }
}

/** A port of the loopback address that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function tryListen(port: number, host: string): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
