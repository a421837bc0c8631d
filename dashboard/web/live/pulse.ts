/** How well the page hears the server. Drawn in the status line of every page. */
export type Pulse =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** No frame for 2 s. */
  | { readonly kind: 'waiting'; readonly sinceMs: number }
  /** Back, and loading what was missed. */
  | { readonly kind: 'filling'; readonly missedMs: number }
  /** What was missed is on the page again; said for 4 s. */
  | { readonly kind: 'filled'; readonly missedMs: number }
  | Lost;

interface Lost {
  readonly kind: 'lost';
  /** When the last frame came, by the page's clock. */
  readonly lastFrameMs: number | null;
  readonly attempt: number;
  readonly nextTryMs: number;
  readonly reason: string;
}

/** Silence after which the page says that it waits, and after which it gives the connection up. */
export const waitingAfterMs = 2_000;
export const lostAfterMs = 5_000;
/** How long "filled in" stands. */
export const filledForMs = 4_000;

/** What silence on an open connection means. */
export function silence(lastFrameMs: number, nowMs: number): 'fine' | 'waiting' | 'lost' {
  const silentMs = nowMs - lastFrameMs;
  if (silentMs >= lostAfterMs) return 'lost';
  return silentMs >= waitingAfterMs ? 'waiting' : 'fine';
}

/** Everything shown is of the past: states are unknown, charts end in a hatch. */
export function isLost(pulse: Pulse): boolean {
  return pulse.kind === 'lost' || pulse.kind === 'filling';
}
