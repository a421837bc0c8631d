import type { AlertState } from '../../events/alert.ts';
import type { ColumnReader } from '../snapshot/column-reader.ts';
import type { ColumnWriter } from '../snapshot/column-writer.ts';
import { createCell, type AlertCell } from './alert-cell.ts';

/** By their place in it states are written. */
const states: readonly AlertState[] = ['unknown', 'ok', 'pending', 'firing'];

/** Bits beside the state. */
const [open, told, judged, stateShift] = [1, 2, 4, 3] as const;

/** Writes an alert; field, condition and severity are its rule's. */
export function writeCell(columns: ColumnWriter, cell: AlertCell): void {
  columns.source(cell);
  columns.whole(
    (cell.open ? open : 0) |
      (cell.told ? told : 0) |
      (cell.value === null ? 0 : judged) |
      (states.indexOf(cell.state) << stateShift),
  );
  if (cell.value !== null) columns.number(cell.value);
  columns.number(cell.threshold);
  columns.number(cell.stateSinceUs);
  columns.number(cell.judgedUs);
  columns.number(cell.judgedElapsedUs);
  columns.number(cell.pendingElapsedUs);
  columns.number(cell.beganUs);
  columns.hex(cell.id);
}

export function readCell(columns: ColumnReader, field: string): AlertCell {
  const cell = createCell(columns.source(), field);
  const bits = columns.whole();
  cell.open = (bits & open) !== 0;
  cell.told = (bits & told) !== 0;
  cell.state = states[bits >> stateShift]!;
  cell.value = (bits & judged) === 0 ? null : columns.number();
  cell.threshold = columns.number();
  cell.stateSinceUs = columns.number();
  cell.judgedUs = columns.number();
  cell.judgedElapsedUs = columns.number();
  cell.pendingElapsedUs = columns.number();
  cell.beganUs = columns.number();
  cell.id = columns.hex();
  return cell;
}
