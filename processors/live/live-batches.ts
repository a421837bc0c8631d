import type { Transition } from '../../events/alert.ts';
import type { DeviceState } from '../../events/device.ts';
import type { LiveBatch, LiveReading } from '../../events/live.ts';

/** Characters of JSON in one message; three bytes each at most stay below a message's 1 MiB. */
export const batchCharsMax = 300_000;

export interface LiveContent {
  readonly partition: number;
  readonly nowUs: number;
  readonly sequence: number;
  readonly items: readonly LiveReading[];
  readonly devices: readonly DeviceState[];
  readonly transitions: readonly Transition[];
}

/** `LiveBatch`es as JSON, each small enough for one message. Devices come first: what follows is about them. */
export function liveBatches(content: LiveContent): string[] {
  const { partition, nowUs, sequence } = content;
  const head: Pick<LiveBatch, 'partition' | 'nowUs' | 'sequence'> = { partition, nowUs, sequence };
  const start = JSON.stringify(head).slice(0, -1);
  const batches: string[] = [];
  let parts: Record<Part, string[]> = { items: [], devices: [], transitions: [] };
  let chars = 0;
  const close = () => {
    const lists = partNames.map((name) => `"${name}":[${parts[name].join(',')}]`);
    batches.push(`${start},${lists.join(',')}}`);
    parts = { items: [], devices: [], transitions: [] };
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

type Part = 'items' | 'devices' | 'transitions';
const partNames: readonly Part[] = ['devices', 'items', 'transitions'];
