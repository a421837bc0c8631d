import { expect, it } from 'vitest';
import { hashPassword, isPassword, isPasswordHash } from './password.ts';

it('keeps a hash, salted each time, that only the password fits', async () => {
  const hash = await hashPassword('correct horse');
  expect(isPasswordHash(hash)).toBe(true);
  expect(hash).not.toContain('correct');
  expect(await hashPassword('correct horse')).not.toBe(hash);
  expect(await isPassword('correct horse', hash)).toBe(true);
  expect(await isPassword('correct horse ', hash)).toBe(false);
  expect(await isPassword('', hash)).toBe(false);
});

it.each(['', 'scrypt', 'scrypt:17:8:1:', 'scrypt:17:8:1:aa:bb', 'a password of a person'])('%j is no hash', (text) =>
  expect(isPasswordHash(text)).toBe(false),
);
