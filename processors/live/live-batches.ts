import type { Transition } from '../../events/alert.ts';
import type { DeviceState } from '../../events/device.ts';
import type { LiveBatch, LiveReading } from '../../events/live.ts';

/** Characters of JSON in one message; three bytes each at most stay below a message's 1 MiB. */
export const batchCharsMax = 300_000;

export interface LiveContent extends Arrivals {
  readonly partition: number;
  readonly nowUs: number;
  readonly sequence: number;
  readonly items: readonly LiveReading[];
  readonly forgotten: readonly string[];
  readonly devices: readonly DeviceState[];
  readonly transitions: readonly Transition[];
}

/** How many readings are behind a batch, and when they arrived. Only the first of several batches says so. */
export type Arrivals = Pick<LiveBatch, 'readings' | 'oldestReceivedAtUs' | 'newestReceivedAtUs'>;

const noArrivals: Arrivals = { readings: 0, oldestReceivedAtUs: null, newestReceivedAtUs: null };

/** `LiveBatch`es as JSON, each small enough for one message. Devices come first: what follows is about them. */
export function liveBatches(content: LiveContent): string[] {
  const { partition, nowUs, sequence, readings, oldestReceivedAtUs, newestReceivedAtUs } = content;
  const start = (arrivals: Arrivals) => {
    const head: Omit<LiveBatch, Part> = { partition, nowUs, sequence, ...arrivals };
    return JSON.stringify(head).slice(0, -1);
  };
  const batches: string[] = [];
  let parts: Record<Part, string[]> = { forgotten: [], items: [], devices: [], transitions: [] };
  let chars = 0;
  const close = () => {
    const lists = partNames.map((name) => `"${name}":[${parts[name].join(',')}]`);
    const arrivals = batches.length === 0 ? { readings, oldestReceivedAtUs, newestReceivedAtUs } : noArrivals;
    batches.push(`${start(arrivals)},${lists.join(',')}}`);
    parts = { forgotten: [], items: [], devices: [], transitions: [] };
    chars = 0;
  };
  for (const name of partNames)
    for (const entry of content[name]) {
      const json = JSON.stringify(entry);
      if (chars > 0 && chars + json.length + 1 > batchCharsMax) close();
      parts[name].push(json);
      chars += json.length + 1;
    }
  if (chars > 0) close();
  return batches;
}

type Part = 'forgotten' | 'items' | 'devices' | 'transitions';
const partNames: readonly Part[] = ['forgotten', 'devices', 'items', 'transitions'];
