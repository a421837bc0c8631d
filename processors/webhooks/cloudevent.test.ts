import { expect, it } from 'vitest';
import { alertCloudEvent, type NotifiedTransition } from './cloudevent.ts';

const transition: NotifiedTransition = {
  id: 'a'.repeat(32),
  rule: 'press-too-hot',
  key: 'plant1/press-7',
  device: 'press-7',
  tags: { site: 'plant1' },
  field: 'temperature',
  from: 'pending',
  to: 'firing',
  severity: 'critical',
  value: 91.5,
  threshold: 85,
  timeUs: 1_760_000_000_000_042,
  decidedAtUs: 1_760_000_001_000_000,
  sinceUs: 1_760_000_000_000_042,
  historical: false,
  notify: 'firing',
  condition: 'temperature above 85',
  origin: { partition: 1, sequence: 7, index: 0 },
};

it('is the alert as a CloudEvent 1.0', () => {
  expect(alertCloudEvent(transition)).toEqual({
    specversion: '1.0',
    id: 'a'.repeat(32),
    source: '/millrace',
    type: 'millrace.alert.firing',
    subject: 'plant1/press-7',
    time: '2025-10-09T08:53:20.000042Z',
    datacontenttype: 'application/json',
    data: {
      rule: 'press-too-hot',
      device: 'press-7',
      tags: { site: 'plant1' },
      field: 'temperature',
      value: 91.5,
      threshold: 85,
      state: 'firing',
      severity: 'critical',
      condition: 'temperature above 85',
      time: 1_760_000_000_000_042,
      origin: { partition: 1, sequence: 7, index: 0 },
    },
  });
});

it('says when it is resolved', () => {
  const event = alertCloudEvent({ ...transition, notify: 'resolved' });
  expect([event.type, event.data.state]).toEqual(['millrace.alert.resolved', 'resolved']);
});
