/** Who a client proved to be. */
export interface Identity {
  readonly name: string;
  readonly kind: 'anonymous' | 'device' | 'certificate' | 'token';
}

/** What a client shows of itself. */
export interface Presented {
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
  /** Common name and SHA-256 fingerprint of a client certificate that TLS verified. */
  readonly certificate?: { readonly commonName: string; readonly fingerprint: string };
  readonly address: string;
}

/** Who a client is, and what he may do. */
export interface Access {
  /** Null: it is refused, which is counted and in the audit log. */
  identify(presented: Presented): Promise<Identity | null>;
  mayPublish(identity: Identity, topic: string): boolean;
  maySubscribe(identity: Identity, filter: string): boolean;
}

export const anonymous: Identity = { name: 'anonymous', kind: 'anonymous' };
