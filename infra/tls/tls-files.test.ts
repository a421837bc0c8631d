import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createAuthority, type Authority, type CertificatePair } from '../../test/test-certificates.ts';
import { openTlsFiles, type TlsMaterial } from './tls-files.ts';

let folder: string;
let authority: Authority;
let first: CertificatePair;
let second: CertificatePair;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-certificates-'));
  authority = await createAuthority('Plant');
  first = await authority.issue('localhost', { isServer: true });
  second = await authority.issue('localhost', { isServer: true });
});
afterAll(() => rm(folder, { recursive: true }));

const config = () => ({
  cert: join(folder, 'cert.pem'),
  key: join(folder, 'key.pem'),
  clientCertificates: 'none' as const,
});

async function write({ cert, key }: { cert: string; key: string }): Promise<void> {
  await writeFile(config().cert, cert);
  await writeFile(config().key, key);
}

it('takes what is renewed and sound, and says loudly what is not, once each', async () => {
  await write(first);
  const lines: { level: number; msg: string }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) });
  const files = openTlsFiles(config(), log, 10);
  const renewed: TlsMaterial[] = [];
  files.onRenewed((material) => renewed.push(material));
  const broken = [
    { cert: second.cert, key: first.key },
    { cert: 'broken', key: first.key },
    { cert: (await authority.issue('late', { isServer: true, forMs: -1_000 })).cert, key: first.key },
  ];
  for (const [at, pair] of broken.entries()) {
    await write(pair);
    await vi.waitFor(() => expect(lines.filter(({ level }) => level === 50)).toHaveLength(at + 1));
  }
  await rm(config().key);
  await vi.waitFor(() => expect(lines.at(-1)!.level === 50 && lines.length).toBe(4));
  expect(lines.every(({ msg }) => msg.includes('CANNOT BE USED'))).toBe(true);
  expect(files.material.options.cert).toBe(first.cert);
  await write(second);
  await vi.waitFor(() => expect(renewed.map(({ options }) => options.cert)).toEqual([second.cert]));
  expect(files.material.options.key).toBe(second.key);
  files.close();
});

it('refuses to start with what cannot be used, and says why', async () => {
  const log = pino({ level: 'silent' });
  await write({ cert: first.cert, key: second.key });
  expect(() => openTlsFiles(config(), log)).toThrow(/tls: .*key values mismatch/i);
  const late = await authority.issue('late', { isServer: true, forMs: -1_000 });
  await write(late);
  expect(() => openTlsFiles(config(), log)).toThrow(/expired/);
});
