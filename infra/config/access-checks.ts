import { readFileSync } from 'node:fs';
import { type Entry, type Say, entry } from './check-entries.ts';

/** What is wrong with certificates and keys, as far as their files say. */
export function checkAccess(raw: Entry, say: Say): void {
  if (raw['tls'] !== undefined) {
    const tls = entry(raw['tls']);
    const mode = tls['clientCertificates'];
    for (const key of ['cert', 'key', 'ca', 'crl']) checkFile(['tls', key], tls[key], say);
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
