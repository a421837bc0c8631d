import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { WindowResult } from '../../../events/window.ts';
import { onFrame, watchWindows } from './feed.ts';

/** Results kept since the page was opened; older ones are in the history by then. */
const closedMax = 500;

export interface WindowsSeen {
  /** As they are now; null until the feed has said so on this connection. */
  readonly open: readonly WindowResult[] | null;
  /** Results since the page was opened, oldest first. */
  readonly closed: readonly WindowResult[];
}

const nothing: WindowsSeen = { open: null, closed: [] };

/** The windows of a device or group as they grow and close. */
export function useWindows(scope: 'device' | 'group', key: string | null): WindowsSeen {
  const seen = useSignal(nothing);
  useEffect(() => {
    seen.value = nothing;
    if (key === null) return;
    const ends = [
      onFrame((frame) => {
        // Another connection: what was open may have closed meanwhile.
        if (frame.type === 'hello') seen.value = { ...seen.peek(), open: null };
        if (frame.type !== 'windows') return;
        for (const item of frame.items)
          if (item.scope === scope && item.key === key)
            seen.value = { open: item.open, closed: [...seen.peek().closed, ...item.closed].slice(-closedMax) };
      }),
      watchWindows(scope === 'device' ? { devices: [key] } : { groups: [key] }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [scope, key]);
  return seen.value;
}
