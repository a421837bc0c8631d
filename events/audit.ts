/**
 * The audit log: stream `AUDIT`, which nobody changes or empties. `audit.changed` holds what people did to credentials,
 * `audit.refused` what was refused, folded so that a flood is a few entries. JSON; each subject has its own bound.
 */
export interface AuditEntry {
  /** Microseconds since the UTC epoch. */
  readonly atUs: number;
  /** `credential-added`, `credential-rotated`, `credential-revoked`, `certificate-revoked`, or a refusal's reason. */
  readonly what: string;
  /** Whom it is about: the name that was changed, or that the client gave or proved; empty when it gave none. */
  readonly who: string;
  /** Who did it: `cli:<user>`, `api`; empty for refusals, which ingest writes. */
  readonly by: string;
  /** The address it came from; empty where there is none. */
  readonly address: string;
  readonly client: string;
  readonly topic: string;
  /** A sentence. */
  readonly reason: string;
  /** How many more of the kind were not written one by one since the entry of the kind before. */
  readonly folded: number;
}

/** What one text of an entry may have; longer ones are cut. */
export const auditTextMax = 128;
