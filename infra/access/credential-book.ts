import { setTimeout as wait } from 'node:timers/promises';
import {
  certificateKey,
  credentialKey,
  type Credential,
  type RevokedCertificate,
  type SecretHash,
} from '../../events/credential.ts';
import { buckets } from '../../events/subjects.ts';
import type { Bus } from '../bus/connection.ts';
import { readStream } from '../bus/stream-reader.ts';
import { streamInfo } from '../bus/streams.ts';
import type { Log } from '../log.ts';

const retryMs = 1_000;
const stream = `KV_${buckets.credentials}`;
const subjectPrefix = `$KV.${buckets.credentials}.`;

/**
 * The credentials as KV `credentials` has them, followed for ever. While NATS is away it stays as it was. Memory: about
 * 1 KiB for each; `credentialsMax` bounds them where they are added.
 */
export class CredentialBook {
  readonly #credentials = new Map<string, Credential>();
  /** By the hash of a secret. */
  readonly #bySecret = new Map<string, Credential>();
  readonly #byCertificate = new Map<string, Credential>();
  readonly #revokedCertificates = new Set<string>();
  readonly #loaded = Promise.withResolvers<void>();

  /** Resolves when all that is in the bucket has been read. */
  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }

  /** Was any credential ever made? One that was revoked counts: the last one gone does not open the door. */
  get hasCredentials(): boolean {
    return this.#credentials.size > 0;
  }

  get(name: string): Credential | undefined {
    return this.#credentials.get(name);
  }

  /** Whose secret it is, by its hash, whether that is still valid or not. */
  bySecret(sha256: string): Credential | undefined {
    return this.#bySecret.get(sha256);
  }

  byCertificate(fingerprint: string): Credential | undefined {
    return this.#byCertificate.get(fingerprint);
  }

  isRevokedCertificate(fingerprint: string): boolean {
    return this.#revokedCertificates.has(fingerprint);
  }

  /** By name. */
  list(): readonly Credential[] {
    return [...this.#credentials.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Follows the bucket until aborted. What cannot be understood is logged and passed over. */
  async follow(bus: Bus, signal: AbortSignal, log: Log): Promise<void> {
    while (!signal.aborted) {
      try {
        const { messages } = await streamInfo(bus, stream, signal);
        if (messages === 0) this.#loaded.resolve();
        const options = { stream, subject: `${subjectPrefix}>`, after: 0, signal, onGap: () => {} };
        for await (const message of readStream(bus, options)) {
          try {
            this.take(message.subject.slice(subjectPrefix.length), message.data);
          } catch (error) {
            log.error({ err: error, key: message.subject }, 'a credential cannot be understood');
          }
          if (message.pending === 0) this.#loaded.resolve();
        }
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'credentials cannot be followed; trying again');
        await wait(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** One value of the bucket; empty: it was deleted, which nothing of ours does. */
  take(key: string, data: Uint8Array): void {
    if (data.length === 0) return this.#forget(key);
    const value = JSON.parse(Buffer.from(data).toString()) as Credential | RevokedCertificate;
    if ('fingerprint' in value) {
      if (key === certificateKey(value.fingerprint)) this.#revokedCertificates.add(value.fingerprint);
      return;
    }
    if (key !== credentialKey(value.name)) return;
    this.#forget(key);
    this.#credentials.set(value.name, value);
    for (const { sha256 } of value.secrets) this.#bySecret.set(sha256, value);
    if (value.certificate !== null) this.#byCertificate.set(value.certificate, value);
  }

  #forget(key: string): void {
    const known = this.#credentials.get(key.slice(credentialKey('').length));
    if (known === undefined || credentialKey(known.name) !== key) return;
    this.#credentials.delete(known.name);
    for (const { sha256 } of known.secrets) this.#bySecret.delete(sha256);
    if (known.certificate !== null) this.#byCertificate.delete(known.certificate);
  }
}

/** Does the secret let in now? */
export function isValidAt({ untilUs }: SecretHash, nowUs: number): boolean {
  return untilUs === null || nowUs < untilUs;
}
