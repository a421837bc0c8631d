import { describe, expect, it } from 'vitest';
import { createFleet } from './fleet.ts';
import { schedule } from './schedule.ts';

const startUs = Date.UTC(2025, 10, 23, 10) * 1000;
const seconds = (count: number) => Array.from({ length: count }, (_, i) => startUs + i * 1_000_000);

describe('createFleet', () => {
  const sample = (seed: number) =>
    createFleet({ devices: 48, seed, startUs }).map(({ name, signals }) => [
      name,
      ...Object.values(signals).map((signal) => signal(startUs + 12_345_678)),
    ]);

  it('is the same for the same seed, and another for another', () => {
    expect(sample(7)).toEqual(sample(7));
    expect(sample(7)).not.toEqual(sample(8));
  });

  it('does not depend on which times were asked before', () => {
    const [device] = createFleet({ devices: 1, seed: 1, startUs });
    const forwards = seconds(50).map(device!.signals['temperature']!);
    const backwards = seconds(50).toReversed().map(device!.signals['temperature']!).toReversed();
    expect(forwards).toEqual(backwards);
  });

  it('names devices within their plants', () => {
    const fleet = createFleet({ devices: 25, seed: 1, startUs });
    expect(fleet[0]).toMatchObject({ site: 'plant1', name: 'press-1' });
    expect(fleet[8]).toMatchObject({ site: 'plant1', name: 'press-9' });
    expect(fleet[23]).toMatchObject({ site: 'plant1', name: 'meter-4' });
    expect(fleet[24]).toMatchObject({ site: 'plant2', name: 'press-1' });
    expect(new Set(fleet.map(({ site, name }) => `${site}/${name}`)).size).toBe(25);
  });

  it.each([1, 2, 3, 42])(
    'press-7 runs above 85 within a minute and below 80 later, the others do not (seed %i)',
    (seed) => {
      const fleet = createFleet({ devices: 9, seed, startUs });
      const temperatures = (name: string) => {
        const { signals } = fleet.find((device) => device.name === name)!;
        return seconds(240).map(signals['temperature']!);
      };
      const hot = temperatures('press-7');
      const firstHot = hot.findIndex((value) => value > 85);
      expect(firstHot > 0 && firstHot < 60).toBe(true);
      expect(hot.slice(firstHot).some((value) => value < 80)).toBe(true);
      const others = fleet.filter(({ name }) => name !== 'press-7').flatMap(({ name }) => temperatures(name));
      expect(Math.max(...others)).toBeLessThan(85);
    },
  );

  it('stays physically possible, and meters never count down', () => {
    const measured = createFleet({ devices: 24, seed: 5, startUs }).flatMap(({ signals }) =>
      Object.entries(signals).map(([field, signal]) => ({ field, values: seconds(600).map(signal) })),
    );
    const impossible = measured.filter(({ values }) => values.some((value) => !(value >= -40 && value < 1e7)));
    expect(impossible).toEqual([]);
    const meters = measured.filter(({ field }) => field === 'energy');
    expect(meters.map(({ values }) => values)).toEqual(meters.map(({ values }) => values.toSorted((a, b) => a - b)));
  });
});

describe('schedule', () => {
  it('spreads the rate evenly over the fleet until its end', () => {
    const fleet = createFleet({ devices: 4, seed: 1, startUs });
    const readings = [...schedule({ fleet, rate: 8, startUs, durationMs: 1000 })];
    expect(readings.map(({ device, dueMs }) => [device, dueMs])).toEqual([
      [0, 0],
      [1, 125],
      [2, 250],
      [3, 375],
      [0, 500],
      [1, 625],
      [2, 750],
      [3, 875],
    ]);
    expect(readings[7]).toMatchObject({
      topic: 'sensors/plant1/press-4',
      key: 'plant1/press-4',
      timeUs: startUs + 875_000,
    });
  });
});
