/** The load of the crash test and, computed apart from the product's code, what must come of it. */

export const deviceName = (device: number) => `press-${device}`;

/** A signal that crosses 85 and 80 in both directions, different for each device; two decimals. */
export function valueAt(device: number, index: number): number {
  const wave = Math.sin((index + device * 7) / 11) * 8 + Math.sin((index * ((device % 5) + 1)) / 3) * 3;
  return Math.round((82 + wave) * 100) / 100;
}

export interface Acknowledged {
  readonly device: string;
  readonly timeUs: number;
  readonly value: number;
}

export function parseAcknowledged(text: string): Acknowledged[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [device, timeUs, value] = line.split(' ') as [string, string, string];
      return { device, timeUs: Number(timeUs), value: Number(value) };
    });
}

export interface ExpectedWindow {
  readonly device: string;
  readonly startUs: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly last: number;
}

/** Tumbling windows of one size over what was acknowledged; the last window of each device is still open. */
export function expectedWindows(readings: readonly Acknowledged[], sizeUs: number): ExpectedWindow[] {
  const groups = new Map<string, Acknowledged[]>();
  for (const reading of readings) {
    const startUs = Math.floor(reading.timeUs / sizeUs) * sizeUs;
    const name = `${reading.device} ${startUs}`;
    groups.set(name, [...(groups.get(name) ?? []), reading]);
  }
  return [...groups.values()].map((members) => {
    const ordered = members.toSorted((a, b) => a.timeUs - b.timeUs);
    const values = ordered.map((member) => member.value);
    return {
      device: ordered[0]!.device,
      startUs: Math.floor(ordered[0]!.timeUs / sizeUs) * sizeUs,
      count: values.length,
      sum: values.reduce((a, b) => a + b, 0),
      min: Math.min(...values),
      max: Math.max(...values),
      first: values[0]!,
      last: values.at(-1)!,
    };
  });
}

/** `device timeUs state` of each step of "above 85, clear 80" over one device's readings in order. */
export function expectedTransitions(readings: readonly Acknowledged[]): string[] {
  const steps: string[] = [];
  const firing = new Set<string>();
  for (const { device, timeUs, value } of readings.toSorted((a, b) => a.timeUs - b.timeUs)) {
    if (!firing.has(device) && value > 85) {
      firing.add(device);
      steps.push(`${device} ${timeUs} firing`);
    } else if (firing.has(device) && value < 80) {
      firing.delete(device);
      steps.push(`${device} ${timeUs} resolved`);
    }
  }
  return steps.toSorted();
}
