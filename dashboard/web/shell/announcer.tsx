import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Transition } from '../../../events/alert.ts';
import { groupName } from '../../../events/group-name.ts';
import { onFrame } from '../live/feed.ts';
import { valueText } from '../parts/value.tsx';

/** At most one sentence in this time; what came meanwhile is summed up in the next. */
const everyMs = 5_000;
const waitingMax = 100;

type Told = Transition & { readonly label: string };

/** Tells screen readers of alerts that begin and end; critical ones at once. Never of readings. */
export function Announcer() {
  const polite = useSignal('');
  const assertive = useSignal('');
  const waiting = useRef<Told[]>([]);
  useEffect(() => {
    const end = onFrame((frame) => {
      if (frame.type !== 'alert' || frame.transition.notify === null || frame.transition.historical) return;
      if (waiting.current.length < waitingMax) waiting.current.push({ ...frame.transition, label: frame.label });
    });
    const timer = setInterval(() => {
      if (waiting.current.length === 0) return;
      const told = waiting.current.splice(0);
      const critical = told.some(({ notify, severity }) => notify === 'firing' && severity === 'critical');
      (critical ? assertive : polite).value = sentence(told);
    }, everyMs);
    return () => {
      end();
      clearInterval(timer);
    };
  }, []);
  return (
    <>
      <div class="unseen" aria-live="polite">
        {polite.value}
      </div>
      <div class="unseen" aria-live="assertive">
        {assertive.value}
      </div>
    </>
  );
}

function sentence(told: readonly Told[]): string {
  const last = told.at(-1)!;
  if (told.length > 1) {
    const firing = told.filter(({ notify }) => notify === 'firing').length;
    return `${firing} alerts began, ${told.length - firing} ended.`;
  }
  if (last.notify === 'resolved') return `Resolved: ${groupName(last)}, ${last.condition}.`;
  return `${last.severity}: ${groupName(last)}, ${last.condition}${last.value === null ? '' : `, now ${valueText(last.value)}`}.`;
}
