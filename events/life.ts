/** Request on `commands.life.<partition>` (core NATS, JSON): what somebody wants done with a device of the partition. */
export type LifeRequest =
  | { readonly kind: 'rename'; readonly key: string; readonly label: string }
  | { readonly kind: 'replace'; readonly key: string; readonly by: string }
  | { readonly kind: 'retire' | 'revive' | 'erase'; readonly key: string };

export const lifeKinds = ['rename', 'replace', 'retire', 'revive', 'erase'] as const;

/** Characters of a label. */
export const labelCharsMax = 200;

/**
 * `done`: it is in the log at this sequence, and the partition's worker has done it. `unknown`: no such device.
 * `refused`: as it stands it cannot be done, and `message` says why.
 */
export type LifeAnswer =
  | { readonly outcome: 'done'; readonly sequence: number }
  | { readonly outcome: 'unknown' | 'refused'; readonly message: string };
