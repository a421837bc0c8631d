import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** RFC 7914's parameters as OWASP advises for passwords of people: 2^17, 8, 1; 128 MiB and about 0.3 s each. */
const cost = { log2N: 17, r: 8, p: 1 } as const;
const memoryBytesMax = 160 * 1024 * 1024;
const keyBytes = 32;
const prefix = `scrypt:${cost.log2N}:${cost.r}:${cost.p}:`;

/** `scrypt:17:8:1:<salt>:<key>`, both base64url: what is kept of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${prefix}${salt.toString('base64url')}:${(await derive(password, salt)).toString('base64url')}`;
}

export function isPasswordHash(text: string): boolean {
  return text.startsWith(prefix) && /^[\w-]{22}:[\w-]{43}$/.test(text.slice(prefix.length));
}

/** @param hash as `hashPassword` made it */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [salt, key] = hash.slice(prefix.length).split(':') as [string, string];
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url')), Buffer.from(key, 'base64url'));
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  const options = { N: 2 ** cost.log2N, r: cost.r, p: cost.p, maxmem: memoryBytesMax };
  return new Promise((resolve, reject) => {
    // The same text typed on another keyboard may be other code points.
    scrypt(password.normalize('NFC'), salt, keyBytes, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
