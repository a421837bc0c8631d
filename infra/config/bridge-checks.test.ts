import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';

function load(...bridges: object[]) {
  return loadText(stringify({ bridges }));
}

function loadText(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-config-'));
  try {
    const file = join(folder, 'millrace.yaml');
    writeFileSync(file, text);
    return loadConfig({ file, env: {} });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const bridge = (more: object = {}) => ({ name: 'a', url: 'mqtt://plant:1883', topics: [{ filter: 'f/#' }], ...more });
const filters = (...list: string[]) => bridge({ topics: list.map((filter) => ({ filter })) });

it('a bridge needs a name, an address and what to take', () =>
  expect(load(bridge())).toMatchObject({
    config: {
      bridges: [{ protocol: 5, inFlightMax: 256, keepalive: 30_000, topics: [{ filter: 'f/#', qos: 1 }] }],
    },
  }));

it('what docs/ways-in.md shows is right', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/ways-in.md'), 'utf8');
  const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(page)!;
  expect(loadText(yaml!)).toMatchObject({ config: { bridges: [{ name: 'plant' }] } });
});

describe('mistakes', () => {
  it.each([
    ['bridges[0].url', [bridge({ url: 'http://plant' })]],
    ['bridges[0].url', [bridge({ url: 'mqtt://ann:secret@plant' })]],
    ['bridges[0].topics', [bridge({ topics: [] })]],
    ['bridges[0].topics[0].filter', [filters('a/#/b')]],
    ['bridges[0].topics[0].filter', [filters('a+/b')]],
    ['bridges[0].topics[0].filter', [filters('$share/g/a')]],
    ['bridges[0].topics[0].qos', [bridge({ topics: [{ filter: 'a', qos: 3 }] })]],
    ['bridges[0].topics[1].filter', [filters('f/#', 'f/a')]],
    ['bridges[0].topics[1].filter', [filters('f/#', 'f')]],
    ['bridges[0].topics[1].filter', [filters('f/+/t', 'f/a/#')]],
    ['bridges[0].topics[2].filter', [filters('a', 'b', '+')]],
    ['bridges[0].shared', [bridge({ shared: 'a/b' })]],
    ['bridges[0].tls', [bridge({ tls: { ca: 'ca.pem' } })]],
    ['bridges[0].tls', [bridge({ url: 'mqtts://plant', tls: { cert: 'cert.pem' } })]],
    ['bridges[0].password', [bridge({ password: 'x' })]],
    ['bridges[0].protocol', [bridge({ protocol: 3 })]],
    ['bridges[1].name', [bridge(), bridge({ clientId: 'other' })]],
    ['bridges[1].clientId', [bridge(), bridge({ name: 'b', clientId: 'millrace-a' })]],
  ])('%s %#', (at, bridges) => {
    const loaded = load(...bridges);
    expect('problems' in loaded && loaded.problems.map((problem) => problem.at)).toEqual([at]);
  });

  it.each([
    ['f/a', 'f/b'],
    ['f', 'f/a'],
    ['f/+', 'f/a/b'],
    ['f/+/t', 'f/+/u'],
    ['a/#', 'b/#'],
  ])('%s and %s are none: no topic matches both', (...list) => expect(load(filters(...list))).toHaveProperty('config'));
});
