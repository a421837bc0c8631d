import { webcrypto } from 'node:crypto';
import { BitString, Integer, OctetString, Utf8String } from 'asn1js';
import {
  AlgorithmIdentifier,
  AltName,
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  CertificateRevocationList,
  CryptoEngine,
  Extension,
  GeneralName,
  RelativeDistinguishedNames,
  RevokedCertificate,
  setEngine,
  Time,
} from 'pkijs';

/** An authority and what it signs, made anew for each test: PEM texts. */

const engine = new CryptoEngine({ name: 'node', crypto: webcrypto as unknown as Crypto });
// Node's types of the same interface differ in overloads.
setEngine('node', engine as unknown as Parameters<typeof setEngine>[1]);
const curve = { name: 'ECDSA', namedCurve: 'P-256' };
const dayMs = 86_400_000;

export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
  readonly serial: number;
}

export interface Authority {
  readonly cert: string;
  /** Issues a certificate; names beside the common name are addresses and host names of a server. */
  issue(
    commonName: string,
    options?: { readonly forMs?: number; readonly isServer?: boolean },
  ): Promise<CertificatePair>;
  /** A list of revoked certificates. */
  crl(revoked: readonly CertificatePair[]): Promise<string>;
}

export async function createAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  let serial = 1;
  const own = await certificate({ subject: name, issuer: name, serial: serial++, keys, signer: keys, forMs: dayMs }, [
    new Extension({
      extnID: '2.5.29.19',
      critical: true,
      extnValue: new BasicConstraints({ cA: true }).toSchema().toBER(false),
    }),
    // Key usage: signs certificates and revocation lists.
    new Extension({
      extnID: '2.5.29.15',
      critical: true,
      extnValue: new BitString({ valueHex: new Uint8Array([0x06]).buffer, unusedBits: 1 }).toBER(false),
    }),
  ]);
  return {
    cert: own,
    async issue(commonName, { forMs = dayMs, isServer = false } = {}) {
      const pair = await newKeys();
      const mine = serial++;
      const names = new AltName({
        altNames: [
          new GeneralName({ type: 2, value: 'localhost' }),
          new GeneralName({ type: 7, value: new OctetString({ valueHex: new Uint8Array([127, 0, 0, 1]).buffer }) }),
        ],
      });
      const extensions = isServer
        ? [new Extension({ extnID: '2.5.29.17', extnValue: names.toSchema().toBER(false) })]
        : [];
      const cert = await certificate(
        { subject: commonName, issuer: name, serial: mine, keys: pair, signer: keys, forMs },
        extensions,
      );
      const key = pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', pair.privateKey));
      return { cert, key, serial: mine };
    },
    async crl(revoked) {
      const list = new CertificateRevocationList();
      list.version = 1;
      list.issuer = named(name);
      list.thisUpdate = new Time({ type: 0, value: new Date(Date.now() - 1_000) });
      list.nextUpdate = new Time({ type: 0, value: new Date(Date.now() + dayMs) });
      if (revoked.length > 0)
        list.revokedCertificates = revoked.map(
          (one) =>
            new RevokedCertificate({
              userCertificate: new Integer({ value: one.serial }),
              revocationDate: new Time({ type: 0, value: new Date(Date.now() - 1_000) }),
            }),
        );
      await list.sign(keys.privateKey as unknown as CryptoKey, 'SHA-256');
      return pem('X509 CRL', list.toSchema(true).toBER(false));
    },
  };
}

interface ToSign {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: number;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly signer: webcrypto.CryptoKeyPair;
  readonly forMs: number;
}

async function certificate(what: ToSign, extensions: Extension[]): Promise<string> {
  const made = new Certificate();
  made.version = 2;
  made.serialNumber = new Integer({ value: what.serial });
  made.subject = named(what.subject);
  made.issuer = named(what.issuer);
  made.notBefore = new Time({ type: 0, value: new Date(Date.now() - dayMs) });
  made.notAfter = new Time({ type: 0, value: new Date(Date.now() + what.forMs) });
  made.signatureAlgorithm = new AlgorithmIdentifier();
  if (extensions.length > 0) made.extensions = extensions;
  await made.subjectPublicKeyInfo.importKey(what.keys.publicKey as unknown as CryptoKey);
  await made.sign(what.signer.privateKey as unknown as CryptoKey, 'SHA-256');
  return pem('CERTIFICATE', made.toSchema(true).toBER(false));
}

function named(commonName: string): RelativeDistinguishedNames {
  const value = new Utf8String({ value: commonName });
  return new RelativeDistinguishedNames({ typesAndValues: [new AttributeTypeAndValue({ type: '2.5.4.3', value })] });
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
