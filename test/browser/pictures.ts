/**
 * The pictures in the README, of the running demo: `npm run pictures [minutes]`. Charts show the last 15 minutes, so it
 * runs for 16 before it takes them, and then waits until an alert fires.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { prepare } from '../../infra/setup/prepare.ts';
import { environmentFor, freePorts, until } from '../millrace.ts';
import { launchChromium } from './chromium.ts';

const root = resolve(import.meta.dirname, '../..');
const target = join(root, 'docs/pictures');
const minutes = Number(process.argv[2] ?? 16);
const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

await prepare({ servers: ['nats-server', 'influxd'], web: true, tools: ['chromium'] });
await mkdir(target, { recursive: true });
const data = await mkdtemp(join(tmpdir(), 'millrace-pictures-'));
const [mqtt, http, ingestHttp, nats, influx] = (await freePorts(5)) as [number, number, number, number, number];
const env = environmentFor({ mqtt, http, ingestHttp, nats, influx }, data, join(root, 'infra/demo/millrace.yaml'));
const demo = spawn(process.execPath, [join(root, 'infra/cli.ts'), 'up', '--demo'], {
  cwd: root,
  env: { ...process.env, ...env },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const url = `http://127.0.0.1:${http}`;
try {
  await until('the demo is ready', async () => (await fetch(`${url}/readyz`)).ok);
  await pause(minutes * 60_000);
  const alerts = `${url}/api/v1/alerts?state=active`;
  await until('an alert fires', async () => (await (await fetch(alerts)).text()).includes('press-too-hot'), 600_000);
  const browser = await launchChromium();
  const take = async (path: string, name: string, viewport: typeof desktop, colorScheme: 'light' | 'dark') => {
    const context = await browser.newContext({ viewport, colorScheme });
    const page: Page = await context.newPage();
    await page.goto(url + path);
    await page.waitForSelector('canvas');
    await pause(3_000); // two commits of live data
    await page.screenshot({ path: join(target, `${name}-${colorScheme}.png`) });
    await context.close();
  };
  for (const theme of ['light', 'dark'] as const) {
    await take('/', 'overview', desktop, theme);
    await take('/devices/plant1%2Fpress-7?from=-15m', 'device', desktop, theme);
    await take('/', 'phone', phone, theme);
  }
  await browser.close();
} finally {
  demo.kill('SIGINT');
  if (demo.exitCode === null) await once(demo, 'exit');
  await rm(data, { recursive: true, force: true });
}
