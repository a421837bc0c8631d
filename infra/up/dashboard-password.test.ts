import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { isPassword } from '../password.ts';
import { withDashboardPassword } from './dashboard-password.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-password-'));
afterAll(() => rmSync(directory, { recursive: true }));
const bound = (host: string, password?: string) => configSchema.parse({ http: { host, password } });
const file = join(directory, 'dashboard-password');

it('on loopback nothing changes', async () => {
  const config = bound('127.0.0.1');
  expect(await withDashboardPassword(config, file, null)).toBe(config);
});

it('elsewhere without one, and with nobody to ask, it refuses and says what to do', async () => {
  const refused = withDashboardPassword(bound('0.0.0.0'), file, null);
  await expect(refused).rejects.toMatchObject({ code: 'PASSWORD_NEEDED' });
  await expect(refused).rejects.toThrow(/MILLRACE_PASSWORD/);
  await expect(withDashboardPassword(bound('::'), file, async () => null)).rejects.toMatchObject({
    code: 'PASSWORD_NEEDED',
  });
});

it('asks until two answers agree, keeps the hash alone, and does not ask again', async () => {
  const answers = ['short', 'long enough', 'not the same', 'long enough', 'long enough'];
  const questions: string[] = [];
  const ask = async (question: string) => (questions.push(question), answers.shift()!);
  const { http } = await withDashboardPassword(bound('0.0.0.0'), file, ask);
  expect(questions).toHaveLength(5);
  expect(await isPassword('long enough', http.password!)).toBe(true);
  expect(readFileSync(file, 'utf8').trim()).toBe(http.password);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await withDashboardPassword(bound('0.0.0.0'), file, null)).http.password).toBe(http.password);
});

it('one that is set counts everywhere, and goes on as its hash', async () => {
  const { http } = await withDashboardPassword(bound('127.0.0.1', 'long enough'), file, null);
  expect(await isPassword('long enough', http.password!)).toBe(true);
  expect((await withDashboardPassword(bound('10.0.0.1', http.password), file, null)).http.password).toBe(http.password);
});
