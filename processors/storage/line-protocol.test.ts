import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { influxFieldName, influxTagName, influxText, influxTextFieldName } from '../../events/influx-names.ts';
import type { FieldValue, Reading } from '../../events/reading.ts';
import { resolveServer } from '../../infra/servers/resolve-server.ts';
import { startInflux, type RunningInflux } from '../../infra/servers/influxd.ts';
import { connectInflux } from './influx-connection.ts';
import { writeLines } from './influx-writer.ts';
import { derivedLine, readingLine, windowLine } from './line-protocol.ts';
import { ensureSchema } from './schema.ts';
import { seriesNames } from './series-names.ts';
import { queryInflux } from './influx-query.ts';

const topics = [
  { template: 'sensors/{site}/{device}', format: 'json' },
  { template: 'sensors/{site}/{device}/{field}', format: 'value' },
] as const;
const names = seriesNames(topics);

function reading(over: Partial<Reading>): Reading {
  return {
    key: 'plant1/press-7',
    device: 'press-7',
    timeUs: 1_760_000_000_123_456,
    ownTime: true,
    fields: { temperature: 91.5 },
    tags: { site: 'plant1' },
    receivedAtUs: 0,
    origin: { partition: 0, sequence: 1, index: 0 },
    ...over,
  };
}

function text(line: ReturnType<typeof readingLine>): string {
  if (line.kind === 'refused') throw new Error(line.detail);
  return line.text;
}

describe('readingLine', () => {
  const head = 'readings,device=press-7,site=plant1';
  const ns = '1760000000123456000';
  it.each<[string, Record<string, FieldValue>, string]>([
    ['a number', { temperature: 91.5 }, 'temperature=91.5'],
    ['a whole number stays a float', { n: 5 }, 'n=5'],
    ['extremes', { a: 1e21, b: 5e-324, c: -0 }, 'a=1e+21,b=5e-324,c=0'],
    ['booleans', { on: true, off: false }, 'on=1,off=0'],
    ['text', { state: 'a "b" \\ c' }, String.raw`state_text="a \"b\" \\ c"`],
    ['empty text', { state: '' }, 'state_text=""'],
    ['separators in a name', { 'a b,c=d': 1 }, String.raw`a\ b\,c\=d=1`],
    ['a backslash in a name', { 'a\\': 1 }, 'a%5C=1'],
    ['a name that looks encoded', { 'a%5C': 1 }, 'a%255C=1'],
    ['time', { time: 1 }, 'time_field=1'],
    ['time_field is not time', { time: 1, time_field: 2 }, 'time_field=1,time_field_field=2'],
    ['like a tag', { site: 1, device: 2 }, 'site_field=1,device_field=2'],
    ['a field that other fields end in', { magnetic_field: 1 }, 'magnetic_field=1'],
    ['a number named like text', { state_text: 1, state: 'on' }, 'state_text_field=1,state_text="on"'],
  ])('%s', (_, fields, expected) => {
    expect(text(readingLine(reading({ fields }), names))).toBe(`${head} ${expected} ${ns}`);
  });

  it.each([
    [{ device: 'a b', tags: { site: 'x,y=z' } }, String.raw`readings,device=a\ b,site=x\,y\=z`],
    [{ device: 'back\\', tags: { site: 'line\nbreak' } }, 'readings,device=back%5C,site=line%0Abreak'],
    [{ tags: { site: '' } }, 'readings,device=press-7'],
    [{ tags: { time: 'noon', window: 'w' } }, 'readings,device=press-7,time_tag=noon,window_tag=w'],
  ])('tags of %j', (over, expected) => {
    expect(text(readingLine(reading(over), names)).split(/(?<!\\) /)[0]).toBe(expected);
  });

  it('microseconds become nanoseconds digit by digit', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e15, max: Number.MAX_SAFE_INTEGER }), (timeUs) => {
        const written = text(readingLine(reading({ timeUs }), names))
          .split(' ')
          .at(-1)!;
        expect(BigInt(written)).toBe(BigInt(timeUs) * 1000n);
      }),
    );
  });

  it.each([
    ['no field', reading({ fields: {} })],
    ['an empty field name', reading({ fields: { '': 1 } })],
    ['tags over 64 KiB', reading({ tags: { site: 'x'.repeat(65_535) } })],
    ['tags over 64 KiB in UTF-8', reading({ tags: { site: 'ä'.repeat(33_000) } })],
    ['a field name over 64 KiB', reading({ fields: { ['x'.repeat(65_535)]: 1 } })],
  ])('refuses %s', (_, one) => expect(readingLine(one, names).kind).toBe('refused'));

  it('tells derived readings apart by their processor', () => {
    const { key, device, timeUs, fields, tags, origin } = reading({});
    expect(text(derivedLine({ key, device, timeUs, fields, tags, origin, processor: 'example' }, names))).toContain(
      ',processor=example,site=plant1 ',
    );
  });
});

describe('windowLine', () => {
  const aggregates = { count: 2, min: 1, max: 3, mean: 2, sum: 4, first: 1, last: 3, stddev: 1 };
  const { key, device, tags, origin } = reading({});
  const window = {
    window: '1m',
    key,
    device,
    tags,
    origin,
    field: 'temperature',
    startUs: 60_000_000,
    endUs: 120_000_000,
  };
  it('is stored at its start', () => {
    expect(text(windowLine({ ...window, ...aggregates, revision: 0 }, names))).toBe(
      'windows,device=press-7,field=temperature,site=plant1,window=1m ' +
        'count=2,min=1,max=3,mean=2,sum=4,first=1,last=3,stddev=1,revision=0 60000000000',
    );
  });
  it('has what else was computed, each state a field', () => {
    const more = { p95: 2.5, distinct: 2, durations: { run: 1.5, 'out of order': 3 } };
    expect(text(windowLine({ ...window, ...aggregates, ...more, revision: 2 }, names))).toBe(
      'windows,device=press-7,field=temperature,site=plant1,window=1m ' +
        'count=2,min=1,max=3,mean=2,sum=4,first=1,last=3,stddev=1,p95=2.5,distinct=2,' +
        String.raw`duration_run=1.5,duration_out\ of\ order=3,revision=2 60000000000`,
    );
  });
  it('of texts has no numbers; one that is no more has zeros over what it had', () => {
    const none = { min: null, max: null, mean: null, sum: null, first: null, last: null, stddev: null };
    expect(text(windowLine({ ...window, ...none, count: 3, revision: 0 }, names))).toMatch(/ count=3,revision=0 /);
    expect(text(windowLine({ ...window, ...none, count: 0, revision: 1 }, names))).toMatch(
      / count=0,min=0,max=0,mean=0,sum=0,first=0,last=0,stddev=0,revision=1 /,
    );
  });
  it('one of several that begin at the same microsecond has a nanosecond of its own', () => {
    const times = [0, 7, 999, 1_000].map((ordinal) =>
      text(windowLine({ ...window, ...aggregates, revision: 0, ordinal }, names))
        ?.split(' ')
        .at(-1),
    );
    expect(times).toEqual(['60000000000', '60000000007', '60000000999', '60000000000']);
  });
  it('across devices has no device, and no key beside its tags', () => {
    const group = { ...window, ...aggregates, key: 'site=plant1', device: '', revision: 0 };
    expect(text(windowLine(group, names))).toMatch(/^windows,field=temperature,site=plant1,window=1m /);
    const fleet = { ...group, key: 'fleet', tags: {} };
    expect(text(windowLine(fleet, names))).toMatch(/^windows,field=temperature,window=1m /);
  });
});

describe('seriesNames', () => {
  const place = (site: string, device: string, key: string) => reading({ key, device, tags: { site } });
  it('two sites with one device name are two series', () => {
    expect(text(readingLine(place('a', 'p', 'a/p'), names))).not.toBe(text(readingLine(place('b', 'p', 'b/p'), names)));
  });
  it('devices whose tags cannot tell them apart get their key as a tag', () => {
    const turned = seriesNames([
      { template: 'a/{site}/{device}', format: 'json' },
      { template: 'b/{device}/{site}', format: 'json' },
    ]);
    expect(text(readingLine(place('s', 'd', 's/d'), turned))).toMatch(/^readings,device=d,site=s /);
    expect(text(readingLine(place('s', 'd', 'd/s'), turned))).toMatch(/^readings,device=d,key=d\/s,site=s /);
  });
  it('a tag from a table is one of the series, renames fields of its name, and tells no device apart', () => {
    const topicsTurned = [
      { template: 'a/{site}/{device}', format: 'json' },
      { template: 'b/{device}/{site}', format: 'json' },
    ] as const;
    const enriched = seriesNames(topicsTurned, ['line', 'count']);
    const tags = { site: 's', line: 'bake', count: '3' };
    const of = (key: string) => text(readingLine(reading({ key, device: 'd', tags, fields: { line: 1 } }), enriched));
    expect(of('s/d')).toMatch(/^readings,count_tag=3,device=d,line=bake,site=s line_field=1 /);
    expect(of('d/s')).toMatch(/^readings,count_tag=3,device=d,key=d\/s,line=bake,site=s line_field=1 /);
  });
});

describe('against influxd', () => {
  let influxd: RunningInflux;
  let directory: string;
  const signal = new AbortController().signal;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-lines-'));
    influxd = await startInflux({ binary: await resolveServer('influxd'), port: 0, directory });
  });
  afterAll(async () => {
    await influxd.stop();
    await rm(directory, { recursive: true });
  });

  const odd = fc.oneof(
    fc.string({
      unit: fc.constantFrom(...Array.from('aZ0 ,=\\"\'\n\r\t#%5C0A{}:;ä😀\u0001')),
      minLength: 1,
      maxLength: 8,
    }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  );
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
  const value = fc.oneof(finite, fc.boolean(), fc.string({ unit: 'grapheme', maxLength: 20 }), odd);
  const fields = fc.dictionary(
    fc.oneof(odd, fc.constantFrom('time', 'site', 'device', 'x_text', 'x_field', 'time_field')),
    value,
    { minKeys: 1, maxKeys: 6, noNullPrototype: true },
  );

  it('what is read back is what was written, whatever the names and values', async () => {
    const connection = connectInflux({ url: influxd.url, org: 'millrace', bucket: 'lines' });
    await ensureSchema(connection, 1, signal);
    const nowUs = Date.now() * 1000;
    let count = 0;
    await fc.assert(
      fc.asyncProperty(odd, odd, fields, async (device, site, given) => {
        const timeUs = nowUs - ++count;
        const line = text(readingLine(reading({ device, tags: { site }, fields: given, timeUs }), names));
        const outcome = await writeLines(connection, { generation: 1, policy: 'readings' }, [line], signal);
        expect(outcome).toEqual({ kind: 'answered', refused: [] });
        const rows = await queryInflux(
          connection,
          `SELECT * FROM readings WHERE time = ${timeUs}000 GROUP BY *`,
          signal,
        );
        expect(rows).toEqual([expected(device, site, given, timeUs)]);
      }),
      { numRuns: 200 },
    );
  });

  function expected(device: string, site: string, given: Record<string, FieldValue>, timeUs: number) {
    const row: Record<string, unknown> = {
      time: timeUs,
      device: influxText(device),
      [influxTagName('site')]: influxText(site),
    };
    for (const [name, one] of Object.entries(given))
      if (typeof one === 'string') row[influxTextFieldName(name)] = one;
      else row[influxFieldName(name, names.tags)] = Number(one);
    return row;
  }
});
