/**
 * Groups that one window or join over many devices keeps at a time. They are named by tags, which clients choose: the
 * readings of further ones are left out of it, counted, and an alarm says so.
 */
export const groupsMax = 10_000;

/** Readings of a message that a window or join left out. */
export interface LeftOut {
  readonly part: 'window' | 'join';
  readonly name: string;
  readonly readings: number;
}
