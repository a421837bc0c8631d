import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Entry, type Say, entry } from './check-entries.ts';

const tlsFiles = ['cert', 'key', 'ca', 'crl'] as const;

/** The configuration with the files of certificates and keys by their whole paths: as written they are beside it. */
export function withAccessFiles(value: Record<string, unknown>, folder: string): Record<string, unknown> {
  const whole = (part: unknown, keys: readonly string[]) => {
    const resolved = Object.entries(entry(part)).map(([key, file]) => [
      key,
      keys.includes(key) && typeof file === 'string' && file !== '' ? resolve(folder, file) : file,
    ]);
    return isMap(part) ? (Object.fromEntries(resolved) as Entry) : part;
  };
  const { tls, auth } = value;
  return {
    ...value,
    ...(tls === undefined ? {} : { tls: whole(tls, tlsFiles) }),
    ...(isMap(auth) && 'jwt' in auth ? { auth: { ...auth, jwt: whole(auth['jwt'], ['keys']) } } : {}),
  };
}

function isMap(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is wrong with certificates and keys, as far as their files say. */
export function checkAccess(raw: Entry, say: Say): void {
  if (raw['tls'] !== undefined) {
    const tls = entry(raw['tls']);
    const mode = tls['clientCertificates'];
    for (const key of tlsFiles) checkFile(['tls', key], tls[key], say);
    if ((mode === 'accept' || mode === 'require') && tls['ca'] === undefined)
      say(['tls', 'ca'], `is missing: clientCertificates: ${mode} has to know which authorities count`);
    if (tls['crl'] !== undefined && tls['ca'] === undefined) say(['tls', 'crl'], 'is of no use without ca');
  }
  const jwt = entry(raw['auth'])['jwt'];
  if (jwt !== undefined) checkFile(['auth', 'jwt', 'keys'], entry(jwt)['keys'], say);
}

function checkFile(path: readonly string[], file: unknown, say: Say): void {
  if (typeof file !== 'string') return;
  try {
    readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    say([...path], code === 'ENOENT' ? `does not exist: ${file}` : `cannot be read (${code}): ${file}`);
  }
}
