import { createHash, randomBytes } from 'node:crypto';
import { secretPrefix } from '../../events/credential.ts';

/** A new secret of a device: 256 random bits, so that a fast hash keeps it as well as a slow one. */
export function generateSecret(): string {
  return secretPrefix + randomBytes(32).toString('base64url');
}

export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** A SHA-256 fingerprint as 64 small hex digits, written with or without colons; null when it is none. */
export function fingerprintOf(text: string): string | null {
  const hex = text
    .replace(/^sha256[:=]/i, '')
    .replaceAll(':', '')
    .toLowerCase();
  return /^[0-9a-f]{64}$/.test(hex) ? hex : null;
}
