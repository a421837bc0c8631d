import { describe, expect, it } from 'vitest';
import type { PublishRecord } from '../../events/record.ts';
import { Retransmissions } from '../../processors/decode/retransmissions.ts';
import { anonymous } from '../access/identity.ts';
import { senderOf } from './sender.ts';

const record = (key: string | undefined, index: number, payload = '{"t":1}'): PublishRecord => ({
  kind: 'publish',
  ...senderOf(anonymous, key)(index),
  connection: '',
  topic: 'sensors/a/b',
  payload: Buffer.from(payload),
  qos: 1,
  retain: false,
  receivedAtUs: 0,
});

describe('an Idempotency-Key, by what readers of the log remember', () => {
  it('the first of a key is taken, repeats are not, whatever key, place or payload differs is', () => {
    const known = new Retransmissions();
    expect(known.isRetransmission(record('k', 0), 7)).toBe(false);
    expect(known.isRetransmission(record('k', 0), 7)).toBe(true);
    expect(known.isRetransmission(record('k', 1), 7)).toBe(false);
    expect(known.isRetransmission(record('l', 0), 7)).toBe(false);
    expect(known.isRetransmission(record('k', 0, '{"t":2}'), 7)).toBe(false);
    expect(known.isRetransmission(record('k', 0), 8)).toBe(false);
    expect(known.isRetransmission(record('k', 0), 7)).toBe(true);
  });

  it('without one every record is taken', () => {
    const known = new Retransmissions();
    for (let i = 0; i < 3; i++) expect(known.isRetransmission(record(undefined, 0), 7)).toBe(false);
  });

  it('a request of 10,000 records is known again, also after a restart of the reader', () => {
    const records = Array.from({ length: 10_000 }, (_, i) => record('batch', i));
    const first = new Retransmissions();
    for (const one of records) expect(first.isRetransmission(one, 7)).toBe(false);
    const second = new Retransmissions(first.snapshot());
    expect(records.filter((one) => !second.isRetransmission(one, 7))).toEqual([]);
  });

  it('equal readings under ever new keys are each taken', () => {
    const known = new Retransmissions();
    for (let i = 0; i < 20_000; i++) expect(known.isRetransmission(record(`key-${i}`, 0), 7)).toBe(false);
  });

  it.each(['', ' k', 'é', 'k\n', 'x'.repeat(256)])('%j is none', (key) =>
    expect(() => senderOf(anonymous, key)).toThrow(expect.objectContaining({ status: 400 })),
  );
});
