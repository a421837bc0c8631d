import { comeAgain } from './answer.ts';

export interface AdmissionLimits {
  /** Requests that are read or wait for the log. */
  readonly requestsMax: number;
  /** Bytes of bodies that are read or wait for the log, after unpacking, of all requests. */
  readonly waitingBytesMax: number;
}

/** The place of one request. */
export interface Admitted {
  /** So many bytes more of its body are held. @throws RequestRefused 429 */
  hold(bytes: number): void;
  /** It is over, and what it held is stored or dropped. May be called again. */
  release(): void;
}

/** Bounds what HTTP requests hold together. Both bounds answer 429. */
export class Admission {
  requests = 0;
  bytes = 0;
  readonly #limits: AdmissionLimits;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** @throws RequestRefused 429 */
  admit(): Admitted {
    const { requestsMax, waitingBytesMax } = this.#limits;
    if (this.requests >= requestsMax)
      throw comeAgain(429, 'too-many-requests', `${requestsMax} requests are under way (ingestHttp.requestsMax).`);
    this.requests++;
    let held: number | null = 0;
    return {
      hold: (bytes) => {
        if (held === null) return;
        if (this.bytes + bytes > waitingBytesMax)
          throw comeAgain(
            429,
            'too-many-bytes',
            `Bodies of all requests under way come to ${waitingBytesMax} bytes (ingestHttp.waitingBytesMax).`,
          );
        held += bytes;
        this.bytes += bytes;
      },
      release: () => {
        if (held === null) return;
        this.requests--;
        this.bytes -= held;
        held = null;
      },
    };
  }
}
