import type { ComponentChildren } from 'preact';
import type { Failure } from '../api/request.ts';
import { beat } from '../live/clock.ts';
import { age } from '../words/durations.ts';
import { Mark } from './marks.tsx';

/** A bordered note at the place of a loss: what (bold), why, what goes on, what next. */
export function Note({
  what,
  children,
  severity = 'critical',
}: {
  what: string;
  children?: ComponentChildren;
  severity?: 'critical' | 'warning';
}) {
  return (
    <div class={`note ${severity}`} role="alert">
      <Mark kind={severity} label={severity} />
      <p>
        <span class="strong">{what}</span> {children}
      </p>
    </div>
  );
}

/** A load that failed, and how to try again. `goesOn` says what works regardless. */
export function FailureNote({
  what,
  failure,
  goesOn,
  retry,
}: {
  what: string;
  failure: Failure;
  goesOn: string;
  retry: () => void;
}) {
  return (
    <div class="note critical" role="alert">
      <Mark kind="critical" label="error" />
      <p class="grow">
        <span class="strong">{what}</span> {failure.message} {goesOn} <span class="faint mono">{failure.code}</span>
      </p>
      <button type="button" class="btn" onClick={retry}>
        Try now
      </button>
    </div>
  );
}

/** In the place of what is loaded, about as high as it will be. */
export function Loading({ what, sinceMs }: { what: string; sinceMs: number | null }) {
  return (
    <p class="loading" aria-live="polite">
      <LoadingWords what={what} sinceMs={sinceMs} />
    </p>
  );
}

/** Nothing for 400 ms, then "Loading ..."; after 5 s also for how long. */
export function LoadingWords({ what, sinceMs }: { what: string; sinceMs: number | null }) {
  void beat.value;
  const ms = sinceMs === null ? 0 : Date.now() - sinceMs;
  if (ms < 400) return null;
  return <>{ms < 5_000 ? `Loading ${what}` : `Loading ${what}, ${age(ms)} so far`}</>;
}
