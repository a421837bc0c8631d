import type { CredentialRequest } from '../../events/api-access.ts';
import {
  certificateKey,
  credentialKey,
  credentialNameMax,
  credentialNamePattern,
  type Credential,
} from '../../events/credential.ts';
import { buckets } from '../../events/subjects.ts';
import { appendChange } from './audit-trail.ts';
import type { Bus } from '../bus/connection.ts';
import { openBucket, type Bucket } from '../bus/kv.ts';
import { isValidAt } from './credential-book.ts';
import { fingerprintOf, generateSecret, secretHash } from './secrets.ts';
import { isLevel, ruleProblem } from './topic-rules.ts';

/** Names, those revoked included. */
export const credentialsMax = 100_000;
const rulesMax = 32;
const tagsMax = 16;
/** A change that somebody else got in before is tried again so often. */
const attemptsMax = 5;

/** Who does it and from where: for the audit log. */
export interface Actor {
  readonly by: string;
  readonly address: string;
}

export type Change =
  | { readonly kind: 'done'; readonly credential: Credential; readonly secret: string | null }
  | { readonly kind: 'exists' | 'missing' | 'too-many' | 'busy' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Adds, rotates and revokes credentials in KV `credentials`, and writes each into the audit log. */
export class CredentialAdmin {
  readonly #bus: Bus;
  readonly #bucket: Bucket;
  readonly #nowUs: () => number;

  private constructor(bus: Bus, bucket: Bucket, nowUs: () => number) {
    this.#bus = bus;
    this.#bucket = bucket;
    this.#nowUs = nowUs;
  }

  /** @throws LOG_UNAVAILABLE */
  static async open(bus: Bus, nowUs: () => number): Promise<CredentialAdmin> {
    return new CredentialAdmin(bus, await openBucket(bus, buckets.credentials), nowUs);
  }

  /** Makes a credential; one that was revoked is replaced. @throws LOG_UNAVAILABLE */
  async add(request: CredentialRequest, actor: Actor, known: number): Promise<Change> {
    const reason = requestProblem(request);
    if (reason !== null) return { kind: 'refused', reason };
    if (known >= credentialsMax) return { kind: 'too-many' };
    const { name, tags = {}, publish, subscribe, certificate } = request;
    const nowUs = this.#nowUs();
    const secret = certificate === undefined ? generateSecret() : null;
    const credential: Credential = {
      name,
      tags,
      publish: publish ?? null,
      subscribe: subscribe ?? null,
      secrets: secret === null ? [] : [{ sha256: secretHash(secret), fromUs: nowUs, untilUs: null }],
      certificate: certificate === undefined ? null : fingerprintOf(certificate),
      createdAtUs: nowUs,
      revokedAtUs: null,
    };
    const change = await this.#change(name, (present) => {
      if (present !== null && present.revokedAtUs === null) return { kind: 'exists' };
      return { kind: 'done', credential, secret };
    });
    return this.#audited(change, 'credential-added', actor);
  }

  /** A new secret; the present one stays valid for `overlapUs`, one older than that ends. @throws LOG_UNAVAILABLE */
  async rotate(name: string, overlapUs: number, actor: Actor): Promise<Change> {
    const secret = generateSecret();
    const change = await this.#change(name, (present) => {
      if (present === null || present.revokedAtUs !== null) return { kind: 'missing' };
      if (present.certificate !== null)
        return { kind: 'refused', reason: 'It proves itself by a certificate and has no secret.' };
      const nowUs = this.#nowUs();
      const [last] = present.secrets.filter((one) => isValidAt(one, nowUs));
      const old = last === undefined || overlapUs <= 0 ? [] : [{ ...last, untilUs: nowUs + overlapUs }];
      const secrets = [{ sha256: secretHash(secret), fromUs: nowUs, untilUs: null }, ...old];
      return { kind: 'done', credential: { ...present, secrets }, secret };
    });
    return this.#audited(change, 'credential-rotated', actor);
  }

  /** Ends a credential for good: its hashes go, its name stays as revoked. @throws LOG_UNAVAILABLE */
  async revoke(name: string, actor: Actor): Promise<Change> {
    const change = await this.#change(name, (present) => {
      if (present === null || present.revokedAtUs !== null) return { kind: 'missing' };
      return { kind: 'done', credential: { ...present, secrets: [], revokedAtUs: this.#nowUs() }, secret: null };
    });
    return this.#audited(change, 'credential-revoked', actor);
  }

  /**
   * Refuses a name that has no credential of its own, such as the common name of certificates. @throws LOG_UNAVAILABLE
   */
  async ban(name: string, actor: Actor): Promise<Change> {
    const reason = requestProblem({ name });
    if (reason !== null) return { kind: 'refused', reason };
    const nowUs = this.#nowUs();
    const nothing = { tags: {}, publish: [], subscribe: [], secrets: [], certificate: null };
    const change = await this.#change(name, (present) =>
      present === null
        ? { kind: 'done', credential: { name, ...nothing, createdAtUs: nowUs, revokedAtUs: nowUs }, secret: null }
        : { kind: 'exists' },
    );
    return this.#audited(change, 'credential-revoked', actor);
  }

  /** Refuses a client certificate from now on. @throws LOG_UNAVAILABLE */
  async revokeCertificate(fingerprint: string, actor: Actor): Promise<void> {
    const revokedAtUs = this.#nowUs();
    await this.#bucket.put(certificateKey(fingerprint), JSON.stringify({ fingerprint, revokedAtUs }));
    await appendChange(this.#bus, { atUs: revokedAtUs, what: 'certificate-revoked', who: fingerprint, ...actor });
  }

  async #change(name: string, next: (present: Credential | null) => Change): Promise<Change> {
    if (nameProblem(name) !== null) return next(null).kind === 'done' ? { kind: 'missing' } : next(null);
    const key = credentialKey(name);
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const entry = await this.#bucket.get(key);
      const present = entry === null ? null : (JSON.parse(Buffer.from(entry.value).toString()) as Credential);
      const change = next(present);
      if (change.kind !== 'done') return change;
      const value = JSON.stringify(change.credential);
      const revision =
        entry === null ? await this.#bucket.create(key, value) : await this.#bucket.update(key, value, entry.revision);
      if (revision !== null) return change;
    }
    return { kind: 'busy' };
  }

  async #audited(change: Change, what: string, actor: Actor): Promise<Change> {
    if (change.kind === 'done')
      await appendChange(this.#bus, { atUs: this.#nowUs(), what, who: change.credential.name, ...actor });
    return change;
  }
}

function nameProblem(name: string): string | null {
  if (name.length <= credentialNameMax && credentialNamePattern.test(name)) return null;
  return `name must be 1 to ${credentialNameMax} letters, digits, - or _, with single dots between; it is "${name}".`;
}

/** What is wrong with a new credential, with the place; null when nothing is. */
function requestProblem({ name, tags = {}, publish, subscribe, certificate }: CredentialRequest): string | null {
  const wrongName = nameProblem(name);
  if (wrongName !== null) return wrongName;
  if (Object.keys(tags).length > tagsMax) return `tags: at most ${tagsMax}.`;
  for (const [tag, value] of Object.entries(tags)) {
    if (!/^[a-z][a-z0-9_]{0,63}$/i.test(tag)) return `tags: "${tag}" must be letters, digits or _, a letter first.`;
    if (!isLevel(value) || value.length > credentialNameMax)
      return `tags.${tag} must be 1 to ${credentialNameMax} characters without / + # { }, not beginning with $.`;
  }
  for (const [list, rules] of Object.entries({ publish, subscribe })) {
    if (rules === undefined) continue;
    if (rules.length > rulesMax) return `${list}: at most ${rulesMax} rules.`;
    for (const [at, rule] of rules.entries()) {
      const problem = ruleProblem(rule, tags);
      if (problem !== null) return `${list}[${at}] "${rule}": ${problem}.`;
    }
  }
  if (certificate !== undefined && fingerprintOf(certificate) === null)
    return 'certificate must be a SHA-256 fingerprint: 64 hex digits.';
  return null;
}
