import type { RecentHashes } from './recent-hashes.ts';

/** What the intake remembers of one device. */
export interface KnownDevice {
  /** The last time given to it where it sent none of its own, us; 0 when none was. */
  givenUs: number;
  /** The greatest time of its own, us; 0 when it sent none. */
  greatestUs: number;
  /** Identities of its last readings with a time of their own. */
  readonly repeats: RecentHashes;
  /** Names of the fields it ever sent. */
  readonly names: Set<string>;
  /** Shape of its last reading: the same shape brings no new name. */
  shape: number;
}
