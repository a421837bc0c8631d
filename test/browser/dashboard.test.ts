import { writeFile } from 'node:fs/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runCommand, startMillrace, until, type Millrace } from '../millrace.ts';
import { accessibilityFindings, launchChromium, overflowPx } from './chromium.ts';

// High enough that nothing lies half under the tabs of a phone, where axe would take a link for too small.
const widths = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 2400 },
  small: { width: 320, height: 2400 },
};
const paths = ['/', '/devices', '/devices/plant1%2Fpress-7', '/alerts', '/quarantine', '/webhooks'];

/** The page as a person sees it, with a real pipeline behind it. */
describe('the dashboard in Chromium', () => {
  let millrace: Millrace;
  let sensor: MqttClient;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  const rule = { name: 'press-too-hot', field: 'temperature', above: 85, clear: 80, severity: 'critical' };
  const config = {
    fields: [{ name: 'temperature', unit: '°C' }],
    windows: [
      { name: '1m', size: '1m' },
      { name: '1h', size: '1h' },
    ],
    rules: [rule],
  };

  const publish = (topic: string, payload: unknown) =>
    sensor.publishAsync(topic, typeof payload === 'string' ? payload : JSON.stringify(payload), { qos: 1 });
  const shows = (text: string | RegExp) =>
    until(`the page shows ${text}`, async () => {
      const body = await page.innerText('body');
      return typeof text === 'string' ? body.includes(text) : text.test(body);
    });

  beforeAll(async () => {
    millrace = await startMillrace(config);
    sensor = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`);
    browser = await launchChromium();
    context = await browser.newContext({ viewport: widths.desktop });
    page = await context.newPage();
    page.on('console', (message) => {
      // A connection refused while a process is killed below is what the page itself tells of.
      if (
        message.type() === 'error' &&
        !/WebSocket|ERR_CONNECTION|ERR_EMPTY|Failed to load resource/.test(message.text())
      )
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
  });
  afterAll(async () => {
    await browser?.close();
    await sensor?.endAsync(true);
    await millrace?.[Symbol.asyncDispose]();
  });

  it('before the first reading it says how to send one, and becomes the overview with it, without a reload', async () => {
    await page.goto(millrace.url);
    await shows('mosquitto_pub');
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
    await publish('sensors/plant1/press-7', { temperature: 71.5 });
    await shows('Way of a reading');
    expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
  });

  it('a device page shows each new value by itself', async () => {
    await page.goto(`${millrace.url}/devices/plant1%2Fpress-7`);
    await shows('71.5');
    await publish('sensors/plant1/press-7', { temperature: 72.25 });
    await shows('72.25');
  });

  it('its open windows grow by the live feed, marked partial', async () => {
    await page.goto(`${millrace.url}/devices/plant1%2Fpress-7?window=1m`);
    await shows('partial');
    // What the page asks for by itself is not what makes them grow.
    await page.route('**/api/v1/devices/**', (route) => route.abort());
    const readings = async () => Number(/1m\s+(\d+) readings?/.exec(await page.innerText('.open-windows'))?.[1] ?? 0);
    await until('the window of a minute holds several readings', async () => {
      await publish('sensors/plant1/press-7', { temperature: 72.25 });
      return (await readings()) > 3;
    });
    await page.unroute('**/api/v1/devices/**');
  });

  it('an alert appears, with its device and rule', async () => {
    await page.goto(`${millrace.url}/alerts`);
    await publish('sensors/plant1/press-7', { temperature: 91.5 });
    await shows('press-7');
    await shows(/above 85/);
  });

  it('a topic that matches no template comes with the line that would take it in', async () => {
    await publish('home/kitchen/thermo', { temperature: 20 });
    await page.goto(`${millrace.url}/quarantine`);
    await shows('home/kitchen/thermo');
    await shows(/template: "home\//);
  });

  it('names from devices are text, never markup', async () => {
    await publish('sensors/plant1/<img src=x onerror=alert(1)>', { temperature: 20 });
    await page.goto(`${millrace.url}/devices`);
    await shows('<img src=x');
    expect(await page.locator('img[src="x"]').count()).toBe(0);
  });

  it.each(Object.entries(widths).flatMap(([width]) => ['light', 'dark'].map((theme) => [width, theme] as const)))(
    'every page at %s width, %s: nothing to complain of, nothing scrolls sideways',
    async (width, theme) => {
      await page.setViewportSize(widths[width as keyof typeof widths]);
      await page.emulateMedia({ colorScheme: theme as 'light' | 'dark' });
      const findings: string[] = [];
      for (const path of paths) {
        await page.goto(millrace.url + path);
        await page.waitForSelector('h1');
        await until('the page is live', async () => /live/i.test(await page.innerText('[aria-label="Pipeline"]')));
        for (const finding of await accessibilityFindings(page)) findings.push(`${path} ${finding}`);
        const overflow = await overflowPx(page);
        if (overflow > 0) findings.push(`${path} is ${overflow} px too wide`);
      }
      expect(findings).toEqual([]);
      await page.setViewportSize(widths.desktop);
    },
  );

  it('what is applied shows on an open page, without a reload', async () => {
    await page.goto(`${millrace.url}/devices/plant1%2Fpress-7`);
    await shows('85 / 80');
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
    const windows = [...config.windows, { name: '30s', size: '30s' }];
    await writeFile(
      millrace.env['MILLRACE_CONFIG']!,
      stringify({ ...config, windows, rules: [{ ...rule, above: 90 }] }),
    );
    expect((await runCommand(['apply', '--yes'], millrace.env)).code).toBe(0);
    await shows('90 / 80');
    await shows('30s');
    expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
  });

  it('says that processing stopped, on every page that it concerns, and goes on by itself', async () => {
    const pid = await millrace.pidOf('processors');
    process.kill(pid, 'SIGSTOP');
    try {
      for (const path of ['/', '/devices', '/devices/plant1%2Fpress-7', '/alerts']) {
        await page.goto(millrace.url + path);
        await shows(/Processing stopped at .*Ingest goes on receiving/s);
      }
      await publish('sensors/plant1/press-7', { temperature: 68.75 });
      await page.goto(`${millrace.url}/devices/plant1%2Fpress-7`);
      await shows('state unknown');
      expect(await page.innerText('body')).not.toContain('68.75');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await shows('68.75');
    await until('it is said no longer', async () => !/Processing stopped/.test(await page.innerText('body')));
  });

  it('says when the connection is lost, and comes back by itself with what was missed', async () => {
    await page.goto(`${millrace.url}/devices/plant1%2Fpress-7`);
    await shows('68.75');
    const died = millrace.kill9('dashboard', 3_000);
    await shows(/connection lost/i);
    await publish('sensors/plant1/press-7', { temperature: 66.75 });
    await died;
    await shows('66.75');
    await until('it says Live again', async () => !/connection lost/i.test(await page.innerText('body')));
  });

  it('no script failed, and the content security policy stopped nothing', () => {
    expect(complaints).toEqual([]);
  });
});
