import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from './load.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-config-'));
  writeFileSync(join(folder, 'cert.pem'), 'x');
});
afterAll(() => rmSync(folder, { recursive: true }));

function load(yaml: string) {
  const file = join(folder, 'millrace.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ file, env: {} });
}

const jwt = 'issuer: a, audience: b';

it.each([
  ['tls: { cert: cert.pem }', ['tls.key']],
  ['tls: { cert: cert.pem, key: none.pem }', ['tls.key does not exist']],
  ['tls: { cert: cert.pem, key: cert.pem, clientCertificates: require }', ['tls.ca is missing']],
  ['tls: { cert: cert.pem, key: cert.pem, clientCertificates: sometimes }', ['tls.clientCertificates']],
  ['tls: { cert: cert.pem, key: cert.pem, crl: cert.pem }', ['tls.crl is of no use without ca']],
  ['tls: { cert: cert.pem, key: cert.pem }\nmqtt: { tls: 8080 }', ['mqtt.tls is the same as http.port']],
  ['mqtt: { tls: 8080 }', []],
  ['tls: yes', ['tls']],
  [`auth: { jwt: { ${jwt}, keys: none.json } }`, ['auth.jwt.keys does not exist']],
  ['auth: { jwt: { keys: cert.pem } }', ['auth.jwt.issuer', 'auth.jwt.audience']],
])('%j: %j', (yaml, expected) => {
  const loaded = load(yaml);
  const problems = 'problems' in loaded ? loaded.problems.map(({ at, message }) => `${at} ${message}`) : [];
  expect(problems).toEqual(expected.map((text) => expect.stringContaining(text) as string));
});

it('files are beside the configuration, by whatever folder a process runs in', () => {
  const loaded = load(`tls: { cert: cert.pem, key: ./cert.pem }\nauth: { jwt: { ${jwt}, keys: cert.pem } }`);
  const path = join(folder, 'cert.pem');
  expect(loaded).toMatchObject({ config: { tls: { cert: path, key: path }, auth: { jwt: { keys: path } } } });
});
