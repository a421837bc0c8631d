/**
 * Credentials of devices, as KV `credentials` holds them: key `device.<name>` a `Credential`, key
 * `certificate.<fingerprint>` a `RevokedCertificate`. No secret is in it, only hashes.
 */

/** Prefix of a secret, by which people and scanners know what it is; 32 random bytes in base64url follow. */
export const secretPrefix = 'mrd_';

/** What a name may be: it is a topic level, a user name, a token of a NATS subject and a segment of a URL. */
export const credentialNamePattern = /^[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/;
export const credentialNameMax = 128;

export const credentialKey = (name: string) => `device.${name}`;
export const certificateKey = (fingerprint: string) => `certificate.${fingerprint}`;

export interface Credential {
  readonly name: string;
  /** Fill placeholders of topic rules: `{site}`. */
  readonly tags: Readonly<Record<string, string>>;
  /** Topic rules, MQTT filters with placeholders; null: its own topics, as `docs/security.md` says. */
  readonly publish: readonly string[] | null;
  readonly subscribe: readonly string[] | null;
  /** The present secret first; at most one older one that is still valid. Empty: it proves itself by a certificate. */
  readonly secrets: readonly SecretHash[];
  /** SHA-256 (hex) of the DER of the client certificate that stands for it, whatever name that carries; null: by name. */
  readonly certificate: string | null;
  readonly createdAtUs: number;
  /** Null while it is valid. What is revoked stays, so that nobody comes in by its name. */
  readonly revokedAtUs: number | null;
}

export interface SecretHash {
  /** SHA-256 (hex) of the whole secret. */
  readonly sha256: string;
  readonly fromUs: number;
  /** When it ends; null: with the next rotation. */
  readonly untilUs: number | null;
}

/** A certificate that is refused whatever its authority says. */
export interface RevokedCertificate {
  readonly fingerprint: string;
  readonly revokedAtUs: number;
}
