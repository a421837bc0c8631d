import { checkpointFormat } from '../processors/worker/worker-checkpoint.ts';
import { builtCore } from './recovery-state.ts';

/** Bytes of a checkpoint, by what they are for. */
export interface StateSize {
  /** Of a device with one field and no window: what is known of it, its rules and duplicates. */
  readonly device: number;
  /** Further, for each field. */
  readonly field: number;
  /** Further, for each window of one field. */
  readonly window: number;
  /** Further, for each field in each window. */
  readonly fieldInWindow: number;
}

const devices = 2_000;

/** Two checkpoints that differ in one thing: what that thing costs for each device. */
export function measureStateSize(readingsEach: number): StateSize {
  const lane = Array.from({ length: devices }, (_, i) => `press-${i}`);
  const bytes = (windows: number, fields: number) => {
    const core = builtCore({ partition: 0, sequence: 1, lane, readingsEach, startUs: 1.7e15, windows, fields });
    return checkpointFormat.encode(core.checkpoint()!).length / devices;
  };
  const [plain, withField, withWindow, withBoth] = [bytes(0, 1), bytes(0, 3), bytes(2, 1), bytes(2, 3)];
  const field = (withField - plain) / 2;
  const window = (withWindow - plain) / 2;
  return { device: plain, field, window, fieldInWindow: (withBoth - plain - 2 * field - 2 * window) / 4 };
}
