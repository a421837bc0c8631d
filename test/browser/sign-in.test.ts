import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMillrace, until, type Millrace } from '../millrace.ts';
import { accessibilityFindings, launchChromium, overflowPx } from './chromium.ts';

const password = 'correct horse battery';
const views = [
  ['desktop, light', { width: 1440, height: 900 }, 'light'],
  ['desktop, dark', { width: 1440, height: 900 }, 'dark'],
  ['phone, light', { width: 390, height: 844 }, 'light'],
  ['phone, dark', { width: 390, height: 844 }, 'dark'],
  ['small phone', { width: 320, height: 568 }, 'light'],
] as const;

/** A dashboard with a password, as a person opens it. */
describe('the sign-in in Chromium', () => {
  let millrace: Millrace;
  let sensor: MqttClient;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  const shows = (text: string) =>
    until(`the page shows ${text}`, async () => (await page.innerText('body')).includes(text));

  beforeAll(async () => {
    millrace = await startMillrace({ http: { password } });
    sensor = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`);
    await sensor.publishAsync('sensors/plant1/press-7', '{"temperature":71.5}', { qos: 1 });
    browser = await launchChromium();
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) complaints.push(message.text());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await sensor?.endAsync(true);
    await millrace?.[Symbol.asyncDispose]();
  });

  it.each(views)('is accessible and fits: %s', async (name, viewport, colorScheme) => {
    const other = await browser.newContext({ viewport, colorScheme });
    const shown = await other.newPage();
    await shown.goto(millrace.url);
    await shown.waitForSelector('#password:focus');
    expect(await accessibilityFindings(shown)).toEqual([]);
    expect(await overflowPx(shown)).toBe(0);
    const folder = process.env['MILLRACE_TEST_PICTURES'];
    if (folder !== undefined) await shown.screenshot({ path: `${folder}/sign-in ${name}.png` });
    await other.close();
  });

  it('a wrong password is said, the right one leads to the page that was asked for, which is live', async () => {
    await page.goto(`${millrace.url}/devices/plant1%2Fpress-7`);
    await page.fill('#password', 'wrong horse battery');
    await page.keyboard.press('Enter');
    await shows('That is not the password.');
    await page.fill('#password', password);
    await page.keyboard.press('Enter');
    await shows('71.5');
    expect(page.url()).toBe(`${millrace.url}/devices/plant1%2Fpress-7`);
    await sensor.publishAsync('sensors/plant1/press-7', '{"temperature":72.25}', { qos: 1 });
    await shows('72.25');
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  });

  it('signing out leads back to it, and the cookie opens nothing any more', async () => {
    const [cookie] = await context.cookies();
    await page.getByRole('button', { name: 'Sign out' }).first().click();
    await page.waitForSelector('#password');
    const headers = { cookie: `${cookie!.name}=${cookie!.value}` };
    expect((await fetch(`${millrace.url}/api/v1/status`, { headers })).status).toBe(401);
    await page.goto(millrace.url);
    await page.waitForSelector('#password');
  });

  it('the password itself is nowhere in the data directory, nor in what is printed', async () => {
    expect(millrace.output()).not.toContain(password);
    for (const file of ['run/config.json', 'run/join.json', 'logs/dashboard.log'])
      expect(await readFile(join(millrace.data, file), 'utf8')).not.toContain(password);
  });

  it('no script failed, and the content security policy stopped nothing', () => expect(complaints).toEqual([]));
});
