import { describe, expect, it } from 'vitest';
import type { TopicOf } from '../../infra/config/topic-schema.ts';
import { FieldNames } from './field-names.ts';
import { lineProtocol } from './line-protocol.ts';
import { parseLine } from './line-syntax.ts';

/** Examples of https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/ and of the page of InfluxDB 1. */
describe('a line', () => {
  it.each<[line: string, expected: object]>([
    [
      'myMeasurement,tag1=value1,tag2=value2 fieldKey="fieldValue" 1556813561098000000',
      {
        measurement: 'myMeasurement',
        tags: [
          ['tag1', 'value1'],
          ['tag2', 'value2'],
        ],
        fields: [['fieldKey', 'fieldValue']],
        timestamp: '1556813561098000000',
      },
    ],
    [
      'myMeasurement fieldKey=1.0',
      { measurement: 'myMeasurement', tags: [], fields: [['fieldKey', 1]], timestamp: null },
    ],
    ['m f=1', { fields: [['f', 1]] }],
    ['m f=-1.234456e+78', { fields: [['f', -1.234456e78]] }],
    ['m f=1i', { fields: [['f', 1]] }],
    ['m f=12485903i', { fields: [['f', 12485903]] }],
    ['m f=-12485903i', { fields: [['f', -12485903]] }],
    ['m f=12485903u', { fields: [['f', 12485903]] }],
    ['m f="this is a string"', { fields: [['f', 'this is a string']] }],
    [
      'm a=true,b=false,c=t,d=f,e=TRUE,f=FALSE,g=T,h=F,i=True,j=False',
      { fields: 'abcdefghij'.split('').map((name, i) => [name, i % 2 === 0]) },
    ],
    ['my\\ Measurement fieldKey="string value"', { measurement: 'my Measurement' }],
    ['myMeasurement fieldKey="\\"string\\" within a string"', { fields: [['fieldKey', '"string" within a string']] }],
    [
      'myMeasurement,tag\\ Key1=tag\\ Value1,tag\\ Key2=tag\\ Value2 fieldKey=100',
      {
        tags: [
          ['tag Key1', 'tag Value1'],
          ['tag Key2', 'tag Value2'],
        ],
      },
    ],
    [
      'myMeasurement,tagKey=🍭 fieldKey="Launch 🚀" 1556813561098000000',
      { tags: [['tagKey', '🍭']], fields: [['fieldKey', 'Launch 🚀']] },
    ],
    ['weather,location\\ place=us-midwest temperature=82', { tags: [['location place', 'us-midwest']] }],
    ['weather,location=us\\,midwest temperature=82', { tags: [['location', 'us,midwest']] }],
    ['weather temp\\=rature=82', { fields: [['temp=rature', 82]] }],
    ['wea\\,ther,location=us-midwest temperature=82', { measurement: 'wea,ther' }],
    ['weather temperature_str="too hot/cold"', { fields: [['temperature_str', 'too hot/cold']] }],
    ['weather temperature_str="too hot\\cold"', { fields: [['temperature_str', 'too hot\\cold']] }],
    ['weather temperature_str="too hot\\\\cold"', { fields: [['temperature_str', 'too hot\\cold']] }],
    ['weather temperature_str="too hot\\\\\\cold"', { fields: [['temperature_str', 'too hot\\\\cold']] }],
    ['m f="a,b=c d"  5', { fields: [['f', 'a,b=c d']], timestamp: '5' }],
    ['m,t=C:\\dir f=1', { tags: [['t', 'C:\\dir']] }],
  ])('%s', (line, expected) => expect(parseLine(line)).toMatchObject(expected));

  it.each<[line: string, problem: RegExp]>([
    ['', /measurement is missing/],
    [',t=1 f=1', /measurement is missing/],
    ['m', /fields are missing \(column 2\)/],
    ['m,t f=1', /a tag is not written name=value/],
    ['m,t= f=1', /tag "t" has no value/],
    ['m f', /a field is not written name=value/],
    ['m f=', /field "f" is "", no value/],
    ['m f=hot', /field "f" is "hot", no value/],
    ['m f=1.5i', /no value/],
    ['m f=-1u', /no value/],
    ['m f="open', /no value/],
    ['m f=1,', /a field is not written/],
    ['m f=1 soon', /"soon" is no timestamp/],
    ['m f=1 5 6', /something stands behind/],
    ['m f="a"5', /is no timestamp/],
  ])('is none: %s', (line, problem) =>
    expect(parseLine(line)).toMatchObject({ problem: expect.stringMatching(problem) as string }),
  );
});

const limits = { depthMax: 8, fieldsPerReadingMax: 3, readingsPerPublishMax: 4 };
const decode = (text: string, options: Partial<TopicOf<'line-protocol'>> = {}, said: string | null = null) =>
  lineProtocol(
    { template: 'influx/{bucket}', format: 'line-protocol', ...options },
    limits,
    new FieldNames(),
  )({ topic: 'influx/b', payload: new TextEncoder().encode(text), receivedAtUs: 0 }, said);

describe('devices', () => {
  it.each<[line: string, options: Partial<TopicOf<'line-protocol'>>, expected: object]>([
    ['mem,host=web1 used=5', {}, { device: 'web1', tags: { host: 'web1' }, fields: { 'mem.used': 5 } }],
    // Two series of one host are two devices: their windows and rules do not mix.
    ['cpu,cpu=cpu0,host=web1 idle=5', {}, { device: 'web1,cpu=cpu0', tags: { cpu: 'cpu0', host: 'web1' } }],
    ['cpu,host=web1,cpu=cpu1 idle=5', {}, { device: 'web1,cpu=cpu1', tags: { cpu: 'cpu1', host: 'web1' } }],
    ['t,device=press-7,host=gw t=5', {}, { device: 'press-7,host=gw', tags: { host: 'gw' } }],
    ['t,device=press-7 t=5', {}, { device: 'press-7' }],
    ['t,device=press-7,room=a t=5', { attributes: ['room'] }, { device: 'press-7', tags: { room: 'a' } }],
    [
      'disk,device=sda1,host=web1 free=5',
      { device: ['host'] },
      { device: 'web1,device=sda1', tags: { device_tag: 'sda1', host: 'web1' } },
    ],
    ['weather,location=us t=82', { defaultDevice: 'influx' }, { device: 'influx,location=us' }],
    ['weather t=82', { defaultDevice: 'influx' }, { device: 'influx' }],
    ['weather,location=us t=82', { template: 'w/{device}' }, { device: 'location=us' }],
    ['t,device=a,bucket=x t=5', {}, { tags: { bucket_tag: 'x' } }],
    // What is written with an escape there stays different here.
    ['t,device=a\\,cpu\\=0 t=5', {}, { device: 'a\\,cpu\\=0' }],
  ])('%s %j', (line, options, expected) => expect(decode(line, options)).toMatchObject(expected));

  it('none', () => {
    expect(decode('weather t=82')).not.toHaveProperty('device');
    expect(decode('weather,location=us t=82')).not.toHaveProperty('device');
  });

  it('many tags are a digest', () => {
    const long = `m,host=h,a=${'x'.repeat(150)},b=${'y'.repeat(150)} f=1`;
    const { device } = decode(long) as { device: string };
    expect(device).toMatch(/^h,=[0-9a-f]{16}$/);
    expect(decode(long.replace('xx', 'xy'))).not.toMatchObject({ device });
  });
});

describe('times', () => {
  it.each<[timestamp: string, precision: string | null, timeUs: number]>([
    ['1556813561098000000', null, 1_556_813_561_098_000],
    ['1556813561098765499', 'ns', 1_556_813_561_098_765],
    ['1556813561098765500', 'n', 1_556_813_561_098_766],
    ['1556813561098765', 'us', 1_556_813_561_098_765],
    ['1556813561098', 'ms', 1_556_813_561_098_000],
    ['1556813561', 's', 1_556_813_561_000_000],
    ['25946892', 'm', 25_946_892 * 60e6],
    ['432448', 'h', 432_448 * 3_600e6],
  ])('%s %s', (timestamp, precision, timeUs) =>
    expect(decode(`m,host=h f=1 ${timestamp}`, {}, precision)).toMatchObject({ ownTimeUs: timeUs }),
  );

  it('of the template, of the topic', () => {
    expect(decode('m,host=h f=1 1556813561', { precision: 's' })).toMatchObject({ ownTimeUs: 1_556_813_561e6 });
    expect(decode('m,host=h f=1 1556813561098', { precision: 's' }, 'ms')).toMatchObject({
      ownTimeUs: 1_556_813_561_098e3,
    });
    expect(decode('m f=1 5', {}, 'week')).toMatchObject({ reason: 'malformed' });
  });
});

describe('lines', () => {
  it('each is a reading, or refused alone, with its number', () => {
    expect(decode('# Telegraf\n\nm,host=a f=1\r\n  m,host=b f=x\nm,host=c f=1,f=2\nm,host=d,host=e f=1')).toMatchObject(
      [
        { device: 'a', fields: { 'm.f': 1 } },
        { reason: 'malformed', detail: 'line 4: field "f" is "x", no value of line protocol (column 13)' },
        { reason: 'bad-key', detail: 'line 5: field "m.f" appears twice' },
        { reason: 'bad-key', detail: 'line 6: tag "host" appears twice' },
      ],
    );
  });

  it.each([
    ['', 'malformed'],
    ['# only a comment', 'malformed'],
    ['m a=1,b=2,c=3,d=4', 'too-many-fields'],
    [`m f=1\n`.repeat(5), 'too-many-readings'],
    ['m f=1e999', 'not-finite'],
  ])('%j is refused', (text, reason) => expect(decode(text)).toMatchObject({ reason }));
});
