import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isLoopback } from '../config/loopback.ts';
import type { Config } from '../config/schema.ts';
import { MillraceError } from '../errors.ts';
import { hashPassword, isPasswordHash } from '../password.ts';

/** Characters, as the configuration demands. */
const lengthMin = 8;

/**
 * Puts the hash of the dashboard's password in the place of the password: from the configuration or MILLRACE_PASSWORD,
 * else, where one is needed, the one kept in `file`, else asked for. Only the hash is kept, and given to the dashboard.
 * On loopback none is needed.
 * @param ask null when nobody can be asked; its answer null when it was given up
 * @throws PASSWORD_NEEDED
 */
export async function withDashboardPassword(
  config: Config,
  file: string,
  ask: ((question: string) => Promise<string | null>) | null,
): Promise<Config> {
  const { host, password } = config.http;
  const withHash = (hash: string): Config => ({ ...config, http: { ...config.http, password: hash } });
  if (password !== undefined) return withHash(isPasswordHash(password) ? password : await hashPassword(password));
  if (isLoopback(host)) return config;
  if (existsSync(file)) {
    const kept = readFileSync(file, 'utf8').trim();
    if (isPasswordHash(kept)) return withHash(kept);
  }
  const chosen = ask === null ? null : await choose(ask);
  if (chosen === null)
    throw new MillraceError(
      'PASSWORD_NEEDED',
      `http.host is ${host}: everybody in that network could open the dashboard. Set MILLRACE_PASSWORD (8 characters ` +
        'or more), or start it in a terminal, which asks for a password once; or leave http.host at 127.0.0.1.',
    );
  const hash = await hashPassword(chosen);
  writeFileSync(`${file}.new`, `${hash}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return withHash(hash);
}

async function choose(ask: (question: string) => Promise<string | null>): Promise<string | null> {
  let question = 'A password for the dashboard, which other machines will reach (8 characters or more): ';
  for (;;) {
    const first = await ask(question);
    if (first === null) return null;
    if (first.length < lengthMin) {
      question = 'That is shorter than 8 characters. A password: ';
      continue;
    }
    const second = await ask('The same again: ');
    if (second === null) return null;
    if (second === first) return first;
    question = 'They differ. A password: ';
  }
}
