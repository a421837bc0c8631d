import type { JSX } from 'preact';
import type { DeviceRow } from '../../../events/api.ts';
import type { AlertState, Severity } from '../../../events/alert.ts';

const shapes = {
  critical: <rect class="fill-critical" x="2.1" y="2.1" width="9.8" height="9.8" rx="1" transform="rotate(45 7 7)" />,
  warning: <path class="fill-warning" d="M7 1.2 13.4 12.4H.6Z" />,
  info: <circle class="line-2" cx="7" cy="7" r="4.6" stroke-width="1.6" />,
  unknown: <circle class="line-unknown" cx="7" cy="7" r="4.8" stroke-width="1.6" stroke-dasharray="2.2 1.9" />,
  ok: <path class="line-2" d="m3 7.4 2.7 2.7L11 4.4" stroke-width="1.6" />,
  online: <circle class="fill-3" cx="7" cy="7" r="3" />,
  stale: (
    <>
      <circle class="line-2" cx="7" cy="7" r="3.4" stroke-width="1.3" />
      <path class="fill-2" d="M7 3.6a3.4 3.4 0 0 0 0 6.8Z" />
    </>
  ),
  offline: <path class="line-2" d="m4 4 6 6m0-6-6 6" stroke-width="1.5" />,
  retired: <path class="line-3" d="M3.6 7h6.8" stroke-width="1.6" />,
  live: (
    <>
      <circle class="fill-text" cx="7" cy="7" r="2.6" />
      <circle class="line-text half" cx="7" cy="7" r="5.4" />
    </>
  ),
  lost: <path class="line-text" d="M2.5 2.5 11.5 11.5M11.5 2.5 2.5 11.5" stroke-width="1.8" />,
  search: (
    <>
      <circle class="line-3" cx="6" cy="6" r="3.9" stroke-width="1.5" />
      <path class="line-3" d="m9 9 3.4 3.4" stroke-width="1.5" />
    </>
  ),
  remove: <path class="line-text" d="m4 4 6 6m0-6-6 6" stroke-width="1.4" />,
  down: <path class="line-text" d="m3.5 5.5 3.5 3.5 3.5-3.5" stroke-width="1.4" />,
  up: <path class="line-text" d="m3.5 9 3.5-3.5L10.5 9" stroke-width="1.4" />,
} satisfies Record<string, JSX.Element>;

export type MarkKind = keyof typeof shapes;

/** A mark of 14 px, one shape per meaning. Without a label it is for the eye only: the word stands beside it. */
export function Mark({ kind, label }: { kind: MarkKind; label?: string }) {
  const named =
    label === undefined ? ({ 'aria-hidden': 'true' } as const) : ({ role: 'img', 'aria-label': label } as const);
  return (
    <svg class="ico" viewBox="0 0 14 14" {...named}>
      {shapes[kind]}
    </svg>
  );
}

/** The mark of an alert: its severity while it fires, a dashed ring when nothing is known of it. */
export function alertMark(state: AlertState, severity: Severity, lost: boolean): MarkKind {
  if (lost || state === 'unknown') return 'unknown';
  return state === 'firing' ? severity : 'ok';
}

/** The mark of a device that is in no alert. */
export function presenceMark({ presence, life }: Pick<DeviceRow, 'presence' | 'life'>): MarkKind {
  return life.retired ? 'retired' : presence.state;
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 18 18" aria-hidden="true">
      <circle cx="9" cy="7.6" r="4.4" stroke-width="1.7" />
      <path
        d="M9 1v4M9 10.2v4M2.4 7.6h4M11.6 7.6h4M4.4 3l2.8 2.8M10.8 9.4l2.8 2.8M13.6 3l-2.8 2.8M7.2 9.4 4.4 12.2"
        stroke-width="1.7"
      />
      <path d="M1 16.4h16" stroke-width="1.7" />
    </svg>
  );
}
