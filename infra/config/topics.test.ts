import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-topics-'));
afterAll(() => rmSync(directory, { recursive: true }));

function load(yaml: string) {
  const file = join(directory, 'millrace.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ env: {}, file });
}

function problems(yaml: string): string[] {
  const loaded = load(yaml);
  return 'config' in loaded ? [] : loaded.problems.map(({ at, message }) => `${at}: ${message}`);
}

function topics(yaml: string) {
  const loaded = load(yaml);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config.topics;
}

const influx = [
  { template: 'influx/{bucket}', format: 'line-protocol', defaultDevice: 'influx' },
  { template: 'influx/{bucket}/{precision}', format: 'line-protocol', defaultDevice: 'influx' },
];

describe('what is wrong with topics', () => {
  it.each<[topic: string, expected: string[]]>([
    [
      '{ profile: zigbee2mqt }',
      [
        'topics[0].profile: must be one of zigbee2mqtt, tasmota, shelly-gen1, shelly-gen2, home-assistant, sparkplug, is "zigbee2mqt" (did you mean "zigbee2mqtt"?)',
      ],
    ],
    ['{ profile: zigbee2mqtt, bas: z }', ['topics[0].bas: is not known (did you mean "base"?)']],
    [
      '{ profile: zigbee2mqtt, base: "z/{x}" }',
      ['topics[0].base: must be levels of a topic, without placeholders, is "z/{x}"'],
    ],
    [
      '{ profile: tasmota, timezone: Europe/Berln }',
      ['topics[0].timezone: is no known time zone: "Europe/Berln" (did you mean "Europe/Berlin"?)'],
    ],
    ['tasmota', ['topics[0]: must be a map with template and format, or with profile, is "tasmota"']],
    ['{ template: "a/{device}" }', ['topics[0].format: is missing']],
    [
      '{ template: "a/{device}", format: json, columns: [a] }',
      ['topics[0].columns: belongs to entries of another kind'],
    ],
    ['{ template: "a/{site}", format: availability }', ['topics[0].template: needs a {device} placeholder']],
    ['{ template: "a/{device}", format: value }', ['topics[0].template: format "value" needs a {field} placeholder']],
    [
      '{ template: "a/{device}/{field}", format: csv, header: true }',
      ['topics[0].template: format "csv" takes no {field}: payloads name their fields'],
    ],
    [
      '{ template: "a/{device}", format: csv }',
      ['topics[0].columns: is missing: name the columns, or write header: true'],
    ],
    [
      '{ template: "a/{device}", format: csv, columns: [temperature, line], tags: [lin] }',
      ['topics[0].tags[0]: is no column: "lin" (did you mean "line"?)'],
    ],
    ['{ template: "a/{device}", format: csv, columns: [a, a] }', ['topics[0].columns[1]: "a" is a column already']],
    [
      '{ template: "a/{device}", format: csv, columns: [a, b], decimal: "," }',
      ['topics[0].decimal: is the delimiter, too: write delimiter: ";" or another'],
    ],
    [
      '{ template: "a/{site}/{device}", format: json, tags: { site: meta.site } }',
      ['topics[0].tags.site: "site" is a placeholder of the template already'],
    ],
    [
      '{ template: "a/{device}", format: json, tags: { device: id } }',
      ['topics[0].tags.device: names the device: write it under "device"'],
    ],
    [
      '{ template: "a/{device}", format: json, rest: drop }',
      ['topics[0].rest: is about what "fields" does not name: there is no "fields"'],
    ],
    [
      '{ template: "a/{device}", format: json, fields: { __proto__x: a, constructor: b } }',
      ['topics[0].fields.constructor: is a reserved name'],
    ],
  ])('%s', (topic, expected) => expect(problems(`topics: [${topic}]`)).toEqual(expected));
});

describe('what the rest of the configuration may name', () => {
  it.each<[yaml: string, expected: string[]]>([
    [
      'topics: [{ template: "a/{device}", format: json, tags: { line: meta.line } }]\nrules: [{ name: r, field: t, above: 1, where: { line: "1" } }]',
      [],
    ],
    [
      'topics: [{ template: "a/{device}", format: json, tags: { line: meta.line } }]\nwindows: [{ name: w, size: 1m, by: [lin] }]',
      ['windows[0].by[0]: no topic has {lin} (did you mean "line"?)'],
    ],
    // Line protocol brings any tag, where it is written down.
    [
      'topics: [{ template: "influx/{bucket}", format: line-protocol }]\nrules: [{ name: r, field: cpu.usage_idle, below: 1, where: { cpu: cpu0 } }]',
      [],
    ],
    [
      'topics: [{ profile: zigbee2mqtt, base: z }]\nfields: [{ name: t, topic: "z/{device...}" }, { name: u, topic: "z/{device..}" }]',
      ['fields[1].topic: is not a template of topics: "z/{device..}" (did you mean "z/{device...}"?)'],
    ],
  ])('%s', (yaml, expected) => expect(problems(yaml)).toEqual(expected));
});

describe('what is in force', () => {
  it('line protocol comes behind what is written', () => {
    const own = { template: '{site}/{device}', format: 'json' };
    expect(topics('topics: [{ template: "{site}/{device}", format: json }]')).toEqual([own, ...influx]);
    expect(topics('{}').slice(2)).toEqual(influx);
  });

  it('unless a topic of line protocol takes it in', () => {
    const mine = { template: 'influx/{bucket}', format: 'line-protocol', attributes: ['room'] };
    expect(topics('topics: [{ template: "influx/{bucket}", format: line-protocol, attributes: [room] }]')).toEqual([
      mine,
      influx[1],
    ]);
  });

  it('a profile stands where it is written', () => {
    const found = topics(
      'topics:\n  - { template: "z/x/{device}", format: json }\n  - { profile: home-assistant, base: ha }',
    );
    expect(found).toEqual([
      { template: 'z/x/{device}', format: 'json' },
      { template: 'ha/{device...}/availability', format: 'availability' },
      { template: 'homeassistant/{field...}', format: 'drop' },
      ...influx,
    ]);
  });
});
