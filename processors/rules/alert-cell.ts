import { createHash } from 'node:crypto';
import type { AlertState, Severity, Transition, UnknownReason } from '../../events/alert.ts';
import type { AlertStatus } from '../../events/device.ts';
import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';

/** The alert of one rule on one field of one device. A plain value: what a snapshot holds. */
export interface AlertCell {
  readonly key: string;
  readonly field: string;
  device: string;
  tags: Reading['tags'];
  state: AlertState;
  /** When the present state began: event time, or the log's clock where time's passing began it. */
  stateSinceUs: number;
  /** Event time of the last judged reading; 0 before the first. */
  judgedUs: number;
  /** `elapsed` at the last judged reading. */
  judgedElapsedUs: number;
  /** `elapsed` when the present pending began. */
  pendingElapsedUs: number;
  /** Last judged value. */
  value: number | null;
  threshold: number;
  condition: string;
  severity: Severity;
  /** A firing has begun and not ended in ok; it may be unknown or pending again meanwhile. */
  open: boolean;
  /** Event time of the first reading of the open firing, or of the present pending. */
  beganUs: number;
  /** Subscribers were last told that it fires. */
  told: boolean;
  /** Of the transition that led here. */
  id: string;
}

/** Where the log's time stands while something is judged. */
export interface Moment {
  readonly nowUs: number;
  readonly elapsedUs: number;
  /** Transitions about readings before this are historical. */
  readonly historicalBeforeUs: number;
}

/** What leads to a transition. */
export interface Cause {
  readonly rule: string;
  /** The value that decided; null when none did. */
  readonly value: number | null;
  /** Of what becomes unknown. */
  readonly why?: UnknownReason;
  readonly timeUs: number;
  readonly origin: Origin;
  readonly moment: Moment;
}

export function createCell(source: Pick<Reading, 'key' | 'device' | 'tags'>, field: string): AlertCell {
  return {
    // What each reading looks at comes first: one line of memory.
    tags: source.tags,
    state: 'unknown',
    judgedUs: 0,
    judgedElapsedUs: 0,
    value: null,
    threshold: 0,
    told: false,
    key: source.key,
    field,
    device: source.device,
    stateSinceUs: 0,
    pendingElapsedUs: 0,
    condition: '',
    severity: 'warning',
    open: false,
    beganUs: 0,
    id: '',
  };
}

/**
 * Moves the alert into a state and says so; null when there is nothing to say.
 *
 * What subscribers were told is kept apart from the state, so that an alert is one alert to them: firing that turns
 * unknown and fires again says nothing new, its end is told once, in whatever way it came. And what was only
 * historical when it happened is told by the first reading that is not, with a transition from a state to itself.
 */
export function moveCell(cell: AlertCell, to: AlertState, cause: Cause): Transition | null {
  const historical = cell.judgedUs < cause.moment.historicalBeforeUs;
  return move(cell, to, cause, { historical, notify: historical ? null : tell(cell, to) });
}

type Told = Pick<Transition, 'historical' | 'notify'>;

function move(cell: AlertCell, to: AlertState, cause: Cause, { historical, notify }: Told): Transition | null {
  const { state: from } = cell;
  const { rule, value, why, timeUs, origin, moment } = cause;
  if (to === from && notify === null) return null;

  const wasOpen = cell.open;
  // A pending of its own, or a firing without one.
  if (!wasOpen && from !== 'pending' && (to === 'pending' || to === 'firing')) cell.beganUs = timeUs;
  const sinceUs = wasOpen || from === 'pending' || to === 'pending' || to === 'firing' ? cell.beganUs : timeUs;
  cell.open = to === 'firing' || (to !== 'ok' && wasOpen);
  if (to !== from) cell.stateSinceUs = timeUs;
  cell.state = to;
  if (notify !== null) cell.told = notify === 'firing';
  cell.id = transitionId(rule, cell, to, origin);
  return {
    id: cell.id,
    rule,
    key: cell.key,
    device: cell.device,
    tags: cell.tags,
    field: cell.field,
    from,
    to,
    severity: cell.severity,
    value,
    threshold: cell.threshold,
    timeUs,
    decidedAtUs: moment.nowUs,
    sinceUs,
    historical,
    notify,
    ...(why !== undefined && { why }),
    condition: cell.condition,
    origin,
  };
}

/** Whether `moveCell` would do nothing, as with nearly every reading: it stays as it is, and subscribers know. */
export function saysNothing(cell: AlertCell, to: AlertState): boolean {
  return to === cell.state && tell(cell, to) === null;
}

/**
 * Ends the alert of a rule, processor or device that is gone: it is unknown from now on, and who was told that it fires
 * is told that it ended, also when it was unknown before. Null when there is nothing to say.
 */
export function endCell(cell: AlertCell, cause: Cause): Transition | null {
  const historical = !cell.told && cell.judgedUs < cause.moment.historicalBeforeUs;
  return move(cell, 'unknown', cause, { historical, notify: cell.told ? 'resolved' : null });
}

function tell(cell: AlertCell, to: AlertState): Transition['notify'] {
  if (to === 'firing' && !cell.told) return 'firing';
  if (to === 'ok' && cell.told) return 'resolved';
  return null;
}

export function statusOf(rule: string, cell: AlertCell): AlertStatus {
  const { key, device, tags, field, state, severity, value, threshold, condition, id } = cell;
  const sinceUs = state === 'firing' || state === 'pending' ? cell.beganUs : cell.stateSinceUs;
  return { rule, key, device, tags, field, state, severity, value, threshold, sinceUs, condition, id };
}

/** First 32 hex digits of SHA-256 over what makes the transition the one it is. */
function transitionId(rule: string, { key, field }: AlertCell, to: AlertState, origin: Origin): string {
  const { partition, sequence, index, part } = origin;
  const place = part === undefined ? [partition, sequence, index] : [partition, sequence, index, part];
  const text = JSON.stringify([rule, key, field, to, ...place]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
