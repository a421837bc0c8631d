import type { WindowsBatch, WindowsNow } from '../../events/live.ts';
import { batchCharsMax } from './live-batches.ts';

/** `WindowsBatch`es as JSON, each small enough for one message. Of a key too large for one the later half is left out. */
export function windowsBatches(lane: WindowsBatch['lane'], items: readonly WindowsNow[]): string[] {
  const batches: string[] = [];
  let parts: string[] = [];
  let chars = 0;
  const close = () => {
    if (parts.length > 0) batches.push(`{"lane":${JSON.stringify(lane)},"items":[${parts.join(',')}]}`);
    parts = [];
    chars = 0;
  };
  for (const item of items) {
    const json = fitting(item);
    if (chars + json.length + 1 > batchCharsMax) close();
    parts.push(json);
    chars += json.length + 1;
  }
  close();
  return batches;
}

function fitting(item: WindowsNow): string {
  let { open, closed } = item;
  for (;;) {
    const json = JSON.stringify({ ...item, open, closed });
    if (json.length <= batchCharsMax || open.length + closed.length <= 1) return json;
    open = open.slice(0, Math.ceil(open.length / 2));
    closed = closed.slice(Math.ceil(closed.length / 2));
  }
}
