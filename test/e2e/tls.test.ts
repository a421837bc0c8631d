import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePorts, startMillrace, until, type Millrace } from '../millrace.ts';
import { createAuthority, type Authority } from '../test-certificates.ts';

let folder: string;
let authority: Authority;
let millrace: Millrace;
let mqtts: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-tls-'));
  authority = await createAuthority('Plant');
  const { cert, key } = await authority.issue('first', { isServer: true });
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key);
  [mqtts] = (await freePorts(1)) as [number];
  const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  millrace = await startMillrace({ tls, mqtt: { tls: mqtts } }, { ca: authority.cert });
});
afterAll(async () => {
  await millrace[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Asks the dashboard over TLS, its certificate checked. @returns the body and who the certificate is for */
function ask(path: string): Promise<{ body: unknown; name: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: 'localhost', port: millrace.ports.http, path, ca: authority.cert, agent: false },
      (response) => {
        const { CN } = (response.socket as TLSSocket).getPeerCertificate().subject;
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ body: JSON.parse(text), name: String(CN) }));
      },
    );
    asked.on('error', reject).end();
  });
}

it('the whole of it starts with TLS, says where, and takes a reading to the dashboard', async () => {
  expect(millrace.output()).toContain(`https://127.0.0.1:${millrace.ports.http}`);
  expect(millrace.output()).toContain(`mqtts://127.0.0.1:${mqtts}`);
  const client = await connectAsync(`mqtts://localhost:${mqtts}`, { ca: authority.cert });
  await client.publishAsync('sensors/home/kitchen', '{"temperature": 21.5}', { qos: 1 });
  await client.endAsync();
  await until('the reading is on the dashboard', async () => {
    const { body } = await ask('/api/v1/devices/home%2Fkitchen');
    return (body as { row?: unknown }).row !== undefined;
  });
});

it('a renewed certificate is served by the dashboard without a restart', async () => {
  expect((await ask('/readyz')).name).toBe('first');
  const { cert, key } = await authority.issue('second', { isServer: true });
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key);
  await until('the second is served', async () => (await ask('/readyz')).name === 'second');
});
