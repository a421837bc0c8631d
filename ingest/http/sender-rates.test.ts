import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, runIngest, type IngestUnderTest } from '../../test/running-ingest.ts';
import { RequestRefused } from './answer.ts';
import { SenderRates } from './sender-rates.ts';

const device = (name: string) => ({ kind: 'device', name }) as const;
const anonymous = { kind: 'anonymous', name: 'anonymous' } as const;

describe('what one sender may bring', () => {
  const refusalOf = (act: () => void) => {
    try {
      act();
      return null;
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      return [error.status, error.code, error.headers['retry-after']];
    }
  };

  it('more than a second of it passes at once and is waited for afterwards', () => {
    const rate = new SenderRates({ messagesPerSecond: 10, bytesPerSecond: 100 }).of(device('a'), '', 0);
    expect(refusalOf(() => rate.send(35, 0))).toBeNull();
    expect(refusalOf(() => rate.begin(0, 0))).toEqual([429, 'message-rate', '3']);
    expect(refusalOf(() => rate.begin(0, 2_500))).toEqual([429, 'message-rate', '1']);
    expect(refusalOf(() => rate.begin(0, 2_501))).toBeNull();
  });

  it('bytes are counted as announced, and as they came unpacked', () => {
    const rates = new SenderRates({ messagesPerSecond: 10, bytesPerSecond: 100 });
    const first = rates.of(device('a'), '', 0);
    first.begin(60, 0);
    // Before the body of the first is here.
    expect(refusalOf(() => rates.of(device('a'), '', 0).begin(60, 0))).toBeNull();
    expect(refusalOf(() => rates.of(device('a'), '', 0).begin(1, 0))).toEqual([429, 'byte-rate', '1']);
    first.came(360);
    expect(refusalOf(() => rates.of(device('a'), '', 0).begin(1, 0))).toEqual([429, 'byte-rate', '4']);
  });

  it('an identity is one sender from wherever it comes; without one each address is, IPv6 by its network', () => {
    const rates = new SenderRates({ messagesPerSecond: 1, bytesPerSecond: 100 });
    const sends = (...who: Parameters<SenderRates['of']>) => refusalOf(() => rates.of(...who).send(1, 0)) === null;
    expect(sends(device('a'), '10.0.0.1', 0)).toBe(true);
    expect(sends(device('a'), '10.0.0.2', 0)).toBe(false);
    expect(sends(device('b'), '10.0.0.1', 0)).toBe(true);
    expect(sends(anonymous, '10.0.0.1', 0)).toBe(true);
    expect(sends(anonymous, '10.0.0.1', 0)).toBe(false);
    expect(sends(anonymous, '10.0.0.2', 0)).toBe(true);
    expect(sends(anonymous, '2001:db8::1', 0)).toBe(true);
    expect(sends(anonymous, '2001:db8::2', 0)).toBe(false);
    expect(sends(device('anonymous'), '10.0.0.1', 0)).toBe(true);
  });

  it('made-up names share one entry when too many are remembered, until those before them have rested', () => {
    const rates = new SenderRates({ messagesPerSecond: 1, bytesPerSecond: 100 });
    for (let i = 0; i < 20_000; i++) rates.of(device(`d${i}`), '', 0).send(1, 0);
    rates.of(device('new'), '', 0).send(1, 0);
    expect(refusalOf(() => rates.of(device('newer'), '', 0).send(1, 0))).not.toBeNull();
    expect(refusalOf(() => rates.of(device('newest'), '', 5_000).send(1, 5_000))).toBeNull();
    expect(refusalOf(() => rates.of(device('newest of all'), '', 5_000).send(1, 5_000))).toBeNull();
  });
});

describe('over HTTP', () => {
  let under: IngestUnderTest;
  beforeAll(async () => {
    under = await runIngest({
      limits: { messagesPerSecond: 5, bytesPerSecond: '2KiB' },
      access: {
        identify: async ({ username = 'nobody' }) => ({ name: username, kind: 'device' }),
        mayPublish: () => true,
        maySubscribe: () => true,
      },
    });
  });
  afterAll(() => under[Symbol.asyncDispose]());

  const post = (name: string, path: string, body: string) =>
    under.request(path, {
      method: 'POST',
      body,
      headers: { authorization: `Basic ${Buffer.from(`${name}:x`).toString('base64')}` },
    });
  const readings = (count: number) =>
    JSON.stringify(Array.from({ length: count }, (_, t) => ({ device: 'd', tags: { site: 's' }, fields: { t } })));
  const stored = (name: string) => under.publishes().filter(({ client }) => client === `http/${name}`).length;

  it('too many readings are answered with 429 and when to come again, others are taken meanwhile, nothing is lost', async () => {
    expect((await post('fast', '/api/v1/readings', readings(8))).status).toBe(200);
    let refused!: Response;
    await under.counted('http-message-rate', async () => {
      refused = await post('fast', '/api/v1/readings', readings(1));
    });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ error: 'message-rate' });
    expect((await post('other', '/api/v1/readings', readings(1))).status).toBe(200);
    await eventually(async () => expect((await post('fast', '/api/v1/readings', readings(1))).status).toBe(200));
    await eventually(() => expect([stored('fast'), stored('other')]).toEqual([9, 1]));
  });

  it('too many bytes as well; Telegraf is told 503, as it drops what is answered with 4xx', async () => {
    const lines = `m f=1 ${'1'.repeat(19)}\n`.repeat(100);
    expect((await post('large', '/api/v2/write?bucket=b', lines)).status).toBe(204);
    await under.counted('http-byte-rate', async () => {
      expect((await post('large', '/api/v2/write?bucket=b', lines)).status).toBe(429);
      const answer = await post('large', '/write?db=b', lines);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    });
    expect((await post('other', '/write?db=b', 'm f=1')).status).toBe(204);
    await eventually(async () => expect((await post('large', '/write?db=b', 'm f=1')).status).toBe(204));
  });
});
