import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isPassword } from '../../../infra/password.ts';
import { Attempts } from './attempts.ts';
import { Sessions } from './sessions.ts';

/** Checks that may wait for their turn: each takes 128 MiB and about 0.3 s, so there is one at a time. */
const checksMax = 16;

/** What a request shows of who sends it. */
export interface Shown {
  readonly cookie?: string | undefined;
  readonly authorization?: string | undefined;
  readonly address: string;
}

export type Refusal = { readonly kind: 'refused'; readonly status: 401 | 429 | 503; readonly retryAfterS?: number };
/** `stillIn` tells later whether it would be let in as before: for connections that last. */
export type Judgement = { readonly kind: 'allowed'; stillIn(): boolean } | Refusal;

export interface PasswordAccessOptions {
  /** As `hashPassword` makes it. */
  readonly hash: string;
  /** Lets in the process that runs this one. */
  readonly token?: string | undefined;
  readonly nowMs: () => number;
}

/** Lets in who knows the password: people by a session, programs by Basic (any user name) or Bearer with each request. */
export class PasswordAccess {
  readonly #options: PasswordAccessOptions;
  readonly #sessions = new Sessions();
  readonly #attempts = new Attempts();
  readonly #key = randomBytes(32);
  /** HMAC of the password once somebody has shown it: programs show it with each request. */
  #known: Buffer | null = null;
  #checking: Promise<unknown> = Promise.resolve();
  #checks = 0;

  constructor(options: PasswordAccessOptions) {
    this.#options = options;
  }

  async judge({ cookie, authorization, address }: Shown): Promise<Judgement> {
    const { token, nowMs } = this.#options;
    const session = sessionOf(cookie);
    const stillIn = () => session !== null && this.#sessions.isOpen(session, nowMs());
    if (stillIn()) return { kind: 'allowed', stillIn };
    const password = passwordOf(authorization);
    if (password === null) return { kind: 'refused', status: 401 };
    const always = { kind: 'allowed', stillIn: () => true } as const;
    if (token !== undefined && timingSafeEqual(this.#mac(password), this.#mac(token))) return always;
    return (await this.#check(password, address)) ?? always;
  }

  /** @returns the token of a new session, or why there is none. */
  async signIn(password: string, address: string): Promise<string | Refusal> {
    return (await this.#check(password, address)) ?? this.#sessions.open(this.#options.nowMs());
  }

  signOut(cookie: string | undefined): void {
    const session = sessionOf(cookie);
    if (session !== null) this.#sessions.close(session);
  }

  /** Null when it is the password. */
  async #check(password: string, address: string): Promise<Refusal | null> {
    const mac = this.#mac(password);
    if (this.#known !== null && timingSafeEqual(mac, this.#known)) return null;
    const waitMs = this.#attempts.begin(address, this.#options.nowMs());
    if (waitMs > 0) return { kind: 'refused', status: 429, retryAfterS: Math.ceil(waitMs / 1000) };
    if (this.#checks >= checksMax) return { kind: 'refused', status: 503, retryAfterS: 5 };
    this.#checks++;
    const check = this.#checking.then(() => isPassword(password, this.#options.hash));
    this.#checking = check.catch(() => false);
    const isRight = await check.finally(() => this.#checks--);
    if (!isRight) return { kind: 'refused', status: 401 };
    this.#known = mac;
    this.#attempts.succeeded(address);
    return null;
  }

  #mac(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text.normalize('NFC')).digest();
  }
}

export const sessionCookie = 'millrace_session';

function sessionOf(cookie: string | undefined): string | null {
  for (const part of (cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === sessionCookie && value !== undefined && value !== '') return value;
  }
  return null;
}

/** RFC 7617 and RFC 6750. */
function passwordOf(authorization: string | undefined): string | null {
  const [, scheme = '', value = ''] = /^(basic|bearer) +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme === '') return null;
  const text = Buffer.from(value, 'base64').toString();
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : null;
}
