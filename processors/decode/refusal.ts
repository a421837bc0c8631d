import type { QuarantineReason } from '../../events/quarantine.ts';

/** Why a publish cannot become a reading. */
export interface Refusal {
  readonly reason: QuarantineReason;
  /** What exactly was wrong: field, value, limit. */
  readonly detail: string;
}

export function refuse(reason: QuarantineReason, detail: string): Refusal {
  return { reason, detail };
}

/** Characters of outside text that a detail quotes. */
const quotedCharsMax = 80;

/** Outside text for a detail: quoted, escaped, cut. */
export function quote(text: string): string {
  const cut = text.length > quotedCharsMax ? `${text.slice(0, quotedCharsMax)}…` : text;
  return JSON.stringify(cut);
}
