import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentFor, freePorts, runCommand } from '../millrace.ts';

/** What `up` says when it can not start, and that nothing was started. */
describe('millrace up refuses', () => {
  let home: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'millrace-'));
    const [mqtt, http, ingestHttp, nats, influx] = (await freePorts(5)) as [number, number, number, number, number];
    env = environmentFor({ mqtt, http, ingestHttp, nats, influx }, join(home, 'data'), join(home, 'millrace.yaml'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('a configuration with mistakes: all of them, each with its path', async () => {
    await writeFile(
      join(home, 'millrace.yaml'),
      [
        'topics:',
        '  - { template: "sensors/{site}", format: json }',
        'windows:',
        '  - { name: 1m, size: 1 minute }',
        'rules:',
        '  - { name: hot, field: temperature, above: 85, clear: 90 }',
        '  - { name: hot-minute, window: 5m, field: temperature, aggregate: mean, above: 80 }',
        'colour: red',
      ].join('\n'),
    );
    const { code, stderr } = await runCommand(['up'], env);
    expect(code).toBe(1);
    for (const path of ['topics[0].template', 'windows[0].size', 'rules[0].clear', 'rules[1].window', 'colour'])
      expect(stderr).toContain(path);
  });

  it('a configuration that is not YAML', async () => {
    await writeFile(join(home, 'millrace.yaml'), 'rules: [}');
    const { code, stderr } = await runCommand(['up'], env);
    expect(code).toBe(1);
    expect(stderr).toMatch(/millrace\.yaml/);
  });

  it('a port that is taken: which, and what to set', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    await writeFile(join(home, 'millrace.yaml'), '{}');
    const { code, stderr } = await runCommand(['up'], { ...env, MILLRACE_MQTT_PORT: String(port) });
    holder.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`port ${port} is taken`);
    expect(stderr).toContain(`pid ${process.pid}`);
    expect(stderr).toContain('MILLRACE_MQTT_PORT');
  });

  it('a command whose ports another Millrace has: that it may be on another data directory', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    await writeFile(join(home, 'millrace.yaml'), '{}');
    const { code, stderr } = await runCommand(['device', 'list'], { ...env, MILLRACE_NATS_PORT: String(port) });
    holder.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`port ${port} is taken`);
    expect(stderr).toContain(`Nothing runs on ${join(home, 'data')}.`);
    expect(stderr).toContain('--data .millrace/demo');
  });

  it('sensors from elsewhere without a credential: which setting, and what to do', async () => {
    await writeFile(join(home, 'millrace.yaml'), '{}');
    const { code, stderr } = await runCommand(['up'], {
      ...env,
      MILLRACE_HOST: '0.0.0.0',
      MILLRACE_PASSWORD: 'long enough',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('mqtt.host is 0.0.0.0 and ingestHttp.host is 0.0.0.0');
    expect(stderr).toContain('millrace device add');
  });

  it('a dashboard for others without a password, where nobody can be asked', async () => {
    await writeFile(join(home, 'millrace.yaml'), '{ http: { host: 0.0.0.0 } }');
    const { code, stderr } = await runCommand(['up'], env);
    expect(code).toBe(1);
    expect(stderr).toContain('MILLRACE_PASSWORD');
  });

  it('a command that does not exist, with status 2', async () => {
    expect((await runCommand(['flow'], env)).code).toBe(2);
  });
});
