import { z } from 'zod';

const file = z.string().min(1);

/** Certificates: with them MQTT has a port of its own for TLS, and HTTP and WebSocket become HTTPS. */
export const tls = z.strictObject({
  cert: file.describe('file, beside this one, with the certificate and those between it and its authority, PEM'),
  key: file.describe('file with its private key, PEM'),
  ca: file.optional().describe('file with the authorities of client certificates, PEM'),
  clientCertificates: z
    .enum(['none', 'accept', 'require'])
    .default('none')
    .describe('of MQTT clients: accept: instead of a secret; require: nobody without one; needs ca'),
  crl: file.optional().describe('file with the revocation list of those authorities, PEM'),
});

export const auth = z.strictObject({
  jwt: z
    .strictObject({
      issuer: z.string().min(1).describe('what the claim iss has to be'),
      audience: z.string().min(1).describe('what the claim aud has to be or hold'),
      keys: file.describe(
        'file with the keys: a JWKS (JSON; oct for HS256 to HS512), or a public key or certificate, PEM',
      ),
      name: z.string().min(1).default('sub').describe('claim with the name of the device'),
      publish: z.string().min(1).default('publish').describe('claim with topic rules, a list; absent: own topics'),
      subscribe: z.string().min(1).default('subscribe').describe('claim with topic rules, a list; absent: own topics'),
      tags: z.string().min(1).default('tags').describe('claim with what fills placeholders, a map of text'),
    })
    .optional()
    .describe('JSON Web Tokens, as the password of MQTT or a bearer token'),
});

export type TlsConfig = z.output<typeof tls>;
export type JwtConfig = NonNullable<z.output<typeof auth>['jwt']>;
