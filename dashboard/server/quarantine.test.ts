import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { QuarantineAnswer, QuarantineGroupsAnswer, UnmatchedTopicsAnswer } from '../../events/api-intake.ts';
import type { Quarantined } from '../../events/quarantine.ts';
import { nowUs, startPipeline, type PipelineUnderTest } from './pipeline-under-test.ts';

let pipeline: PipelineUnderTest;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline?.[Symbol.asyncDispose]());

describe('what was set aside', () => {
  const item = (topic: string, payload: string, more: Partial<Quarantined> = {}): Quarantined => ({
    reason: 'no-template',
    detail: 'No template matches.',
    topic,
    client: 'c1',
    key: null,
    firstBytes: Buffer.from(payload).toString('base64'),
    bytes: payload.length,
    receivedAtUs: nowUs(),
    origin: { partition: 0, sequence: 1, index: 0 },
    ...more,
  });

  it('is counted by reason, newest first; topics come with the line that takes them in', async () => {
    await pipeline.store('quarantine.0', [
      item('home/kitchen/sensor1', '{"t": 1}'),
      item('home/bath/sensor2', '{"t": 2}'),
    ]);
    await pipeline.store('quarantine.storage.0', [item('sensors/a/b', '{', { reason: 'not-json' })]);
    await vi.waitFor(async () => {
      const { body } = await pipeline.get<QuarantineAnswer>('/api/v1/quarantine');
      expect(body.total).toBe(3);
      expect(body.reasons).toMatchObject([
        { reason: 'no-template', count: 2 },
        { reason: 'not-json', count: 1 },
      ]);
    });
    const { body: first } = await pipeline.get<QuarantineAnswer>('/api/v1/quarantine?limit=1&reason=no-template');
    const { body: second } = await pipeline.get<QuarantineAnswer>(
      `/api/v1/quarantine?limit=1&reason=no-template&after=${first.next}`,
    );
    expect([first.items[0]?.topic, second.items[0]?.topic]).toEqual(['home/bath/sensor2', 'home/kitchen/sensor1']);
    const { body } = await pipeline.get<UnmatchedTopicsAnswer>('/api/v1/topics/unmatched');
    expect(body.suggestions).toMatchObject([
      { line: '- { template: "home/{site}/{device}", format: json }', topics: 2 },
    ]);
    expect(body.topics.map(({ suggestion }) => suggestion)).toEqual([0, 0]);
  });

  it('is paged over all that the stream holds, filtered, and knows what became of what was redriven', async () => {
    const many = (from: number) =>
      Array.from({ length: 40 }, (_, i) =>
        item(`shed/${(from + i) % 3}/x`, '{', {
          reason: 'not-json',
          key: `shed/${(from + i) % 3}`,
          receivedAtUs: 1_000 + from + i,
          origin: { partition: 0, sequence: 1_000 + from, index: i },
        }),
      );
    for (let from = 0; from < 800; from += 40) await pipeline.store('quarantine.0', many(from));
    const of = { partition: 0, sequence: 1_000, index: 0, part: null, by: 'worker' };
    const counts = { readings: 1, duplicate: 0, filtered: 0, quarantined: 0, reason: null };
    const outcome = { of, origin: { partition: 0, sequence: 5_000, index: 0 }, atUs: 1, ...counts };
    await pipeline.store('quarantine.redriven.0', [outcome]);
    const seen: number[] = [];
    for (let after = ''; ;) {
      const { body } = await pipeline.get<QuarantineAnswer>(`/api/v1/quarantine?key=shed%2F1&limit=50${after}`);
      seen.push(...body.items.map(({ receivedAtUs }) => receivedAtUs - 1_000));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    const all = Array.from({ length: 800 }, (_, i) => i);
    expect(seen).toEqual(all.filter((i) => i % 3 === 1).toReversed());
    const only = async (query: string) =>
      (await pipeline.get<QuarantineAnswer>(`/api/v1/quarantine?${query}`)).body.items.map(
        ({ receivedAtUs }) => receivedAtUs,
      );
    expect(await only('from=1005&to=1008&topic=shed')).toEqual([1_007, 1_006, 1_005]);
    expect(await only('from=1000&to=1001')).toEqual([1_000]);
    await vi.waitFor(async () => expect(await only('from=1000&to=1001&open=true')).toEqual([]));
    await vi.waitFor(async () => {
      const { body } = await pipeline.get<QuarantineGroupsAnswer>('/api/v1/quarantine/groups?reason=not-json&limit=3');
      expect(body.groups).toMatchObject([
        { key: 'shed/1', count: 267, firstAtUs: 1_001, lastAtUs: 1_799, template: null },
        { key: 'shed/0', count: 267 },
        { key: 'shed/2', count: 266 },
      ]);
    });
    expect((await pipeline.get('/api/v1/quarantine/items/999999.0')).status).toBe(404);
    expect((await pipeline.get('/api/v1/quarantine/items/nonsense')).status).toBe(404);
  });
});
