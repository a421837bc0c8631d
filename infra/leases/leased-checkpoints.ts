import type { Checkpoints } from '../bus/checkpoints.ts';
import type { Lease } from './lease.ts';

/** Saves only while the lease is held: its own compare-and-set would let a first save of one who lost it through. */
export function checkpointsUnder(lease: Pick<Lease, 'confirmed'>, checkpoints: Checkpoints): Checkpoints {
  return {
    load: (name) => checkpoints.load(name),
    names: () => checkpoints.names(),
    remove: (name) => checkpoints.remove(name),
    sweep: (olderThanMs) => checkpoints.sweep(olderThanMs),
    async keep(name, bytes) {
      await lease.confirmed();
      await checkpoints.keep(name, bytes);
    },
    async save(name, bytes) {
      await lease.confirmed();
      await checkpoints.save(name, bytes);
    },
  };
}
