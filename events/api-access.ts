/** REST answers about credentials and the audit log; see `api.ts` for what holds for all. */
import type { AuditEntry } from './audit.ts';
import type { Credential, SecretHash } from './credential.ts';

/** A credential without what could be guessed at. */
export interface CredentialView extends Omit<Credential, 'secrets'> {
  readonly secrets: readonly Omit<SecretHash, 'sha256'>[];
}

/** `GET /credentials?limit=&after=` (limit 1..1000, default 100), by name. `after` is the last name of the page before. */
export interface CredentialsAnswer {
  readonly total: number;
  readonly items: readonly CredentialView[];
  readonly next: string | null;
}

/** `POST /credentials`. 409 `EXISTS` for a name that is valid; one that was revoked may be given anew. */
export interface CredentialRequest {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly publish?: readonly string[] | undefined;
  readonly subscribe?: readonly string[] | undefined;
  /** SHA-256 fingerprint (hex) of a client certificate: then there is no secret. */
  readonly certificate?: string | undefined;
}

/** The only answer with the secret; null for one that proves itself by a certificate. */
export interface CredentialCreated extends CredentialView {
  readonly secret: string | null;
}

/** `POST /credentials/{name}/rotate`: for `overlapS` seconds (at most 30 days, default 0) the old secret stays valid. */
export interface RotateRequest {
  readonly overlapS?: number | undefined;
}

/** `GET /audit?limit=&before=` (limit 1..500, default 100): newest first. `next` is the `before` of the next page. */
export interface AuditAnswer {
  readonly items: readonly (AuditEntry & { readonly sequence: number })[];
  readonly next: number | null;
}
