import { describe, expect, it } from 'vitest';
import { emptyLedger, ledgerDifference } from '../../events/ledger.ts';
import { buckets, streams } from '../../events/subjects.ts';
import { openBucket } from '../../infra/bus/kv.ts';
import { streamInfo } from '../../infra/bus/streams.ts';
import { heldPointsMax } from './point-writer.ts';
import { eventually, publish, readings, storageUnderTest, total } from './storage-under-test.ts';

const pipeline = storageUnderTest();
const { start, append, select, quarantined } = pipeline;

describe('InfluxDB away', () => {
  it.each([
    ['killed', () => pipeline.influx.kill(), () => pipeline.influx.restart()],
    ['hanging', async () => pipeline.influx.pause(), async () => pipeline.influx.resume()],
  ])(
    '%s for a while: what is held is bounded, and everything is stored afterwards',
    async (_, stop, begin) => {
      const running = await start();
      await append(...readings(10, 10, 'a'));
      await eventually(() => expect(total(running).stored).toBe(100));
      await stop();
      const count = 3 * heldPointsMax;
      await append(...readings(10, count / 10, 'b'));
      await eventually(() => expect(running.report().influxError).toMatch(/does not take writes/));
      await eventually(() => expect(total(running).inFlight).toBeGreaterThan(heldPointsMax));
      const { influxDownSinceUs, influxNextTryAtUs, storages } = running.report();
      expect(influxDownSinceUs).toBeLessThanOrEqual(Date.now() * 1000);
      expect(influxNextTryAtUs).not.toBeNull();
      for (const { ledger, lagMs } of storages) {
        expect(ledger.inFlight).toBeLessThan(heldPointsMax + 512);
        expect(ledgerDifference(ledger)).toBe(0);
        expect(lagMs).toBeGreaterThan(0);
      }
      await begin();
      await eventually(() =>
        expect(total(running)).toEqual({ ...emptyLedger, received: count + 100, stored: count + 100 }),
      );
      expect(running.report()).toMatchObject({ influxError: '', influxDownSinceUs: null, influxNextTryAtUs: null });
      expect(await select('SELECT count(b) AS n FROM readings')).toMatchObject([{ n: count }]);
    },
    60_000,
  );

  it('an InfluxDB that comes back empty gets its schema again', async () => {
    const running = await start();
    await append(...readings(1, 10, 'a'));
    await eventually(() => expect(total(running).stored).toBe(10));
    await select(`DROP DATABASE "${pipeline.database}"`);
    await append(...readings(1, 10, 'b'));
    await eventually(() => expect(total(running).stored).toBe(20));
    expect(await select('SELECT count(b) AS n FROM readings')).toMatchObject([{ n: 10 }]);
  });
});

describe('restart', () => {
  it('goes on where it stopped; its ledger goes on too', async () => {
    const first = await start();
    await append(...readings(5, 20), publish('sensors/s/d0', 'no json'));
    await eventually(() => expect(total(first).stored).toBe(100));
    await first.stop();
    const saved = first.positions().filter(({ stream }) => stream === streams.log);
    expect(Math.max(...saved.map(({ position }) => position))).toBe(
      (await streamInfo(pipeline.bus, streams.log)).lastSequence,
    );
    await append(...readings(5, 10, 'w'));
    const second = await start();
    await eventually(() =>
      expect(total(second)).toEqual({ ...emptyLedger, received: 151, stored: 150, quarantined: 1 }),
    );
    expect(second.ledger('s/d0')).toEqual({ ...emptyLedger, received: 31, stored: 30, quarantined: 1 });
  });

  it('from an older checkpoint everything is written again, and nothing is there or counted twice', async () => {
    const bucket = await openBucket(pipeline.bus, buckets.checkpoints);
    const names = [0, 1].map((partition) => `storage.${partition}`);
    const first = await start();
    await append(...readings(5, 20));
    await eventually(() => expect(total(first).stored).toBe(100));
    await first.stop();
    const saved = await Promise.all(names.map((name) => bucket.get(name)));

    const second = await start();
    const repeated = readings(5, 5);
    await append(...readings(5, 20, 'w'), ...repeated, publish('sensors/s/old', { time: 1e12, v: 1 }));
    const expected = { ...emptyLedger, received: 226, stored: 200, duplicate: 25, quarantined: 1 };
    await eventually(() => expect(total(second)).toEqual(expected));
    await second.stop();
    // As a kill -9 before the last checkpoint leaves it.
    for (const [i, name] of names.entries()) await bucket.put(name, saved[i]!.value);

    const third = await start();
    await eventually(() => expect(total(third)).toEqual(expected));
    expect(await select('SELECT count(v) AS v, count(w) AS w FROM readings')).toMatchObject([{ v: 100, w: 100 }]);
    expect((await quarantined()).map(({ reason }) => reason)).toEqual(['beyond-retention']);
  });

  it('nats-server killed in the middle', async () => {
    const running = await start();
    await append(...readings(5, 20));
    await eventually(() => expect(total(running).stored).toBe(100));
    await pipeline.nats.restart();
    await append(...readings(5, 20, 'w'));
    await eventually(() => expect(total(running)).toEqual({ ...emptyLedger, received: 200, stored: 200 }));
  });
});
