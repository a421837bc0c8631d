import type { Reading } from '../../events/reading.ts';
import type { HotCell } from './hot-cell.ts';

/** The alerts on one device under the places of their rules, as far as they were looked up. */
export interface DeviceAlerts {
  /** Whose they are: after an edit of the rules others take their place. */
  readonly owner: object;
  /** Of the reading before. */
  tags: Reading['tags'];
  readonly cells: (HotCell | undefined)[];
  readonly numbers: Float64Array;
}
