import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ConfigSources, loadConfig } from './load.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function load(yaml: string, more: Partial<ConfigSources> = {}) {
  const file = join(directory, `${files++}.yaml`);
  writeFileSync(file, yaml);
  return loadConfig({ env: {}, file, ...more });
}

function problems(yaml: string, more: Partial<ConfigSources> = {}): string[] {
  const loaded = load(yaml, more);
  if ('config' in loaded) return [];
  return loaded.problems.map(({ at, message, line }) => `${at}: ${message}${line ? ` @${line}` : ''}`);
}

describe('what is wrong', () => {
  it.each<[what: string, yaml: string, expected: string[]]>([
    ['unknown key', 'ruls: []', ['ruls: is not known (did you mean "rules"?) @1']],
    ['unknown key nobody meant', 'zzzzzz: 1', ['zzzzzz: is not known @1']],
    [
      'unknown key within',
      'rules:\n  - name: a\n    field: t\n    above: 1\n    claer: 0',
      ['rules[0].claer: is not known (did you mean "clear"?) @5'],
    ],
    [
      'clear on the wrong side',
      'rules:\n  - { name: a, field: t, above: 85, clear: 90 }',
      ['rules[0].clear: must be below "above" (85), is 90 @2'],
    ],
    [
      'a number as text',
      'rules: [{ name: a, field: t, above: "hot" }]',
      ['rules[0].above: must be a number, is "hot" @1'],
    ],
    ['missing', 'rules: [{ name: a, above: 1 }]', ['rules[0].field: is missing @1']],
    [
      'no limit',
      'rules: [{ name: a, field: t }]',
      ['rules[0].above: needs exactly one of above, below and outside @1'],
    ],
    [
      'duration',
      'windows: [{ name: w, size: 5 min }]',
      ['windows[0].size: must be a duration such as 500ms, 10s, 5m, 2h or 30d, is "5 min" @1'],
    ],
    ['zero window', 'windows: [{ name: w, size: 0s }]', ['windows[0].size: must be more than 0 @1']],
    ['size', 'log: { maxBytes: 4GB }', ['log.maxBytes: must be a size such as 256KiB, 64MiB or 4GiB, is "4GB" @1']],
    [
      'one of',
      'topics: [{ template: "a/{device}", format: jsn }]',
      [
        'topics[0].format: must be one of json, value, csv, senml-json, senml-cbor, line-protocol, availability, sparkplug, avro, protobuf, json-schema, drop, is "jsn" (did you mean "json"?) @1',
      ],
    ],
    [
      'template',
      'topics: [{ template: a/b, format: json }]',
      ['topics[0].template: needs a {device} placeholder, or "device" where payloads name it @1'],
    ],
    ['range of a port', 'mqtt: { port: 70000 }', ['mqtt.port: must be at most 65535, is 70000 @1']],
    [
      'network',
      'webhookNetworks: [10.0.0.1]',
      ['webhookNetworks[0]: must be a network such as 10.0.0.0/8 or fd00::/8, is "10.0.0.1" @1'],
    ],
    ['a short password is not shown', 'http: { password: abc }', ['http.password: must have 8 characters or more @1']],
    ['nor one that is no text', 'http: { password: 12345678 }', ['http.password: must be text @1']],
    [
      'a secret is not shown',
      'webhooks: [{ name: o, url: "http://x/", secret: hush }]',
      ['webhooks[0].secret: must be whsec_ and 24 to 64 bytes in base64 @1'],
    ],
    [
      'names twice',
      'rules:\n  - { name: a, field: t, above: 1 }\n  - { name: a, field: t, above: 2 }',
      ['rules[1].name: "a" is already the name of rules[0] @3'],
    ],
    [
      "rule's window",
      'windows: [{ name: 1m, size: 1m }]\nrules: [{ name: a, window: 1mm, field: t, aggregate: mean, above: 1 }]',
      ['rules[0].window: names no window: "1mm" (did you mean "1m"?) @2'],
    ],
    [
      'aggregate without window',
      'rules: [{ name: a, field: t, aggregate: mean, above: 1 }]',
      ['rules[0].aggregate: needs a window @1'],
    ],
    [
      'field outside its window',
      'windows: [{ name: 1m, size: 1m, fields: [humidity] }]\nrules: [{ name: a, window: 1m, field: t, aggregate: mean, above: 1 }]',
      ['rules[0].field: "t" is not among the fields of window "1m" (humidity) @2'],
    ],
    [
      'where without placeholder',
      'topics: [{ template: "s/{site}/{device}", format: json }]\nrules: [{ name: a, field: t, above: 1, where: { sit: x } }]',
      ['rules[0].where.sit: no topic has {sit} (did you mean "site"?) @2'],
    ],
    [
      "webhook's rule",
      'rules: [{ name: hot, field: t, above: 1 }]\nwebhooks: [{ name: o, url: "http://x/", rules: [hit] }]',
      ['webhooks[0].rules[0]: names no rule or processor: "hit" (did you mean "hot"?) @2'],
    ],
    [
      'where without placeholder in the default topics',
      'rules: [{ name: a, field: t, above: 1, where: { sit: x } }]',
      ['rules[0].where.sit: no topic has {sit} (did you mean "site"?) @1'],
    ],
    [
      'a rule named like a processor',
      'processors: [{ name: dew, file: processors/custom/example.ts }]\nrules: [{ name: dew, field: t, above: 1 }]',
      ['rules[0].name: "dew" is already the name of processors[0] @2'],
    ],
    [
      'a payload larger than a message of the log',
      'limits: { payloadMax: 2MiB }',
      ['limits.payloadMax: must be from 1B to 960KiB, is 2MiB @1'],
    ],
    ['file', 'processors: [{ name: p, file: nowhere.ts }]', ['processors[0].file: does not exist: nowhere.ts @1']],
    ['same port', 'http: { port: 1883 }', ['http.port: is the same as mqtt.port (1883) @1']],
    [
      'keep above max',
      'log: { maxBytes: 1GiB, keepBytes: 2GiB }',
      ['log.keepBytes: must not be above maxBytes (1GiB), is 2GiB @1'],
    ],
    ['not a map', '- a', [': must be a map of settings such as "rules:" @1']],
    [
      'two at once',
      'clock: 5\nhttp: { prt: 1 }',
      ['clock: must be a map of settings, is 5 @1', 'http.prt: is not known (did you mean "port"?) @2'],
    ],
  ])('%s', (_, yaml, expected) => expect(problems(yaml)).toEqual(expected));

  it('YAML itself', () => expect(problems('rules: [')[0]).toMatch(/@1$/));
  it('a key twice', () => expect(problems('http: {}\nhttp: {}')[0]).toMatch(/keys must be unique @2/));

  it('names the variable or flag that brought the value', () => {
    const more = { env: { MILLRACE_MQTT_PORT: '99999', MILLRACE_HTTP_PORT: 'x' }, flags: { httpPort: 'y' } };
    expect(problems('', more)).toEqual([
      '--http-port: must be a port from 0 to 65535, is "y"',
      'MILLRACE_MQTT_PORT: must be at most 65535, is 99999',
    ]);
  });

  it('a file that is not there', () => {
    const file = join(directory, 'nowhere.yaml');
    expect(loadConfig({ env: {}, file })).toEqual({
      problems: [{ at: '', message: 'does not exist: name another file with --config or MILLRACE_CONFIG' }],
      file,
    });
  });
});

describe('what is right', () => {
  it('flags beat the environment, which beats the file', () => {
    const more = { env: { MILLRACE_MQTT_PORT: '2', MILLRACE_HTTP_PORT: '3' }, flags: { httpPort: '4' } };
    const loaded = load('mqtt: { port: 1 }\nhttp: { port: 1 }\ningestHttp: { port: 1 }', more);
    expect(loaded).toMatchObject({ config: { mqtt: { port: 2 }, http: { port: 4 }, ingestHttp: { port: 1 } } });
  });

  it('a webhook for the alerts of a processor', () => {
    const processor = 'processors: [{ name: dew, file: processors/custom/example.ts }]';
    expect(problems(`${processor}\nwebhooks: [{ name: o, url: "http://x/", rules: [dew] }]`)).toEqual([]);
  });

  it('an empty file is the defaults, in milliseconds and bytes', () => {
    expect(load('# nothing\n')).toMatchObject({
      config: {
        clock: { maxAhead: 60_000 },
        limits: { payloadMax: 262_144 },
        data: '.millrace',
        log: { partitions: 4 },
      },
    });
  });

  it('clear may be equal to the limit', () => {
    expect(problems('rules: [{ name: a, field: t, above: 85, clear: 85 }]')).toEqual([]);
  });
});
