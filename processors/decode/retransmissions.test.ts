import { expect, it } from 'vitest';
import type { PublishRecord } from '../../events/record.ts';
import { Retransmissions } from './retransmissions.ts';

const packet: PublishRecord = {
  kind: 'publish',
  client: 'press',
  connection: 'c1',
  packetId: 7,
  topic: 't',
  payload: new TextEncoder().encode('21.5'),
  qos: 1,
  retain: false,
  dup: false,
  receivedAtUs: 0,
};
const again: PublishRecord = { ...packet, connection: 'c2', dup: true };

it.each<[string, PublishRecord, PublishRecord, boolean]>([
  ['marked dup, all equal', packet, again, true],
  ['not marked', packet, { ...again, dup: false }, false],
  ['another packet id', packet, { ...again, packetId: 8 }, false],
  ['another payload', packet, { ...again, payload: new TextEncoder().encode('21.6') }, false],
  ['another client', packet, { ...again, client: 'other' }, false],
  ['marked, but the first never came', { ...packet, packetId: 1 }, again, false],
  ['QoS 2', { ...packet, qos: 2 }, { ...again, qos: 2 }, true],
  ['QoS 0 has no retransmission', { ...packet, qos: 0 }, { ...again, qos: 0 }, false],
])('%s', (_what, first, second, expected) => {
  const retransmissions = new Retransmissions();
  expect(retransmissions.isRetransmission(first, 1)).toBe(false);
  expect(retransmissions.isRetransmission(second, 1)).toBe(expected);
});

it('another topic is another packet', () => {
  const retransmissions = new Retransmissions();
  retransmissions.isRetransmission(packet, 1);
  expect(retransmissions.isRetransmission(again, 2)).toBe(false);
});

it.each([
  [255, true],
  [256, false],
])('with %i packets in between', (between, expected) => {
  const retransmissions = new Retransmissions();
  retransmissions.isRetransmission(packet, 1);
  for (let i = 0; i < between; i++) retransmissions.isRetransmission({ ...packet, packetId: 1000 + i }, 1);
  const restored = new Retransmissions(retransmissions.snapshot());
  expect(restored.isRetransmission(again, 1)).toBe(expected);
});

it.each([
  [4_095, true],
  [4_096, false],
])('of a bridge with %i packets in between: %j', (between, expected) => {
  const retransmissions = new Retransmissions();
  const client = 'bridge/plant';
  retransmissions.isRetransmission({ ...packet, client }, 1);
  for (let i = 0; i < between; i++) retransmissions.isRetransmission({ ...packet, client, packetId: 1000 + i }, 1);
  const restored = new Retransmissions(retransmissions.snapshot());
  expect(restored.isRetransmission({ ...again, client }, 1)).toBe(expected);
});

it.each([
  [20_010, true],
  [40_001, false],
])('with %i other clients in between it is remembered: %j', (others, expected) => {
  const retransmissions = new Retransmissions();
  retransmissions.isRetransmission(packet, 1);
  for (let i = 0; i < others; i++) retransmissions.isRetransmission({ ...packet, client: `other-${i}` }, 1);
  const restored = new Retransmissions(retransmissions.snapshot());
  // One more, so that it lies in the old generation.
  restored.isRetransmission({ ...packet, client: 'one-more' }, 1);
  expect(restored.isRetransmission(again, 1)).toBe(expected);
});
