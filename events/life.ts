import type { DeviceSeries } from './record.ts';

/** Request on `commands.life.<partition>` (core NATS, JSON): what somebody wants done with a device of the partition. */
export type LifeRequest =
  | { readonly kind: 'rename'; readonly key: string; readonly label: string }
  | {
      readonly kind: 'replace';
      readonly key: string;
      readonly by: string;
      /** Where `by` is known; absent: not known anywhere, so where its key says. */
      readonly byPartition?: number;
    }
  | { readonly kind: 'undo'; readonly key: string; readonly of: Undoable }
  | { readonly kind: 'retire' | 'revive' | 'erase'; readonly key: string }
  | PartitionRequest;

/** What the worker of a device's partition asks that of its new hardware's. */
export type PartitionRequest =
  | {
      readonly kind: 'give';
      readonly key: string;
      readonly to: string;
      readonly partition: number;
      readonly series: DeviceSeries;
    }
  | { readonly kind: 'release'; readonly key: string; readonly to: string; readonly partition: number };

/** What can be taken back. */
export const undoable = ['rename', 'replace'] as const;
export type Undoable = (typeof undoable)[number];

/** Characters of a label. */
export const labelCharsMax = 200;

/**
 * `done`: it is in the log at this sequence, and the partition's worker has done it. `unknown`: no such device.
 * `refused`: as it stands it cannot be done, and `message` says why.
 */
export type LifeAnswer =
  | { readonly outcome: 'done'; readonly sequence: number }
  | { readonly outcome: 'unknown' | 'refused'; readonly message: string };
