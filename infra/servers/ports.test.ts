import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listensOn } from './listeners.ts';
import { assertPortFree, freePort } from './ports.ts';

const server = createServer();
let taken: number;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  taken = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('a taken port is named with its holder and the setting', async () => {
  const error = await assertPortFree(taken, '127.0.0.1', 'MILLRACE_MQTT_PORT or mqtt.port').catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'PORT_TAKEN' });
  expect((error as Error).message).toMatch(
    new RegExp(`^port ${taken} is taken \\(.+, pid ${process.pid}\\)\\. Set MILLRACE_MQTT_PORT or mqtt\\.port\\.$`),
  );
});

test('an address of another machine is refused with the setting', async () => {
  await expect(assertPortFree(0, '203.0.113.1', 'mqtt.host')).rejects.toThrow(
    /no address of this machine. Set mqtt.host/,
  );
});

test('a free port is free', async () => assertPortFree(await freePort(), '127.0.0.1', 'x'));

test.runIf(process.platform === 'linux')(
  `${basename(process.execPath)} listens on its port and on no other`,
  async () => {
    expect(listensOn(process.pid, taken)).toBe(true);
    expect(listensOn(process.ppid, taken)).toBe(false);
    expect(listensOn(process.pid, await freePort())).toBe(false);
  },
);
