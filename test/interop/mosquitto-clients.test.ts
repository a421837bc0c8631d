import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snippetFor, type Snippet } from '../../infra/commands/device-snippets.ts';
import { toolPath } from '../../infra/setup/test-tools.ts';
import { startMillrace, until, type Millrace } from '../millrace.ts';

const run = promisify(execFile);

/** Mosquitto's command line clients against our broker: what most people try first. */
describe('mosquitto_pub and mosquitto_sub', () => {
  let millrace: Millrace;
  beforeAll(async () => {
    millrace = await startMillrace();
  });
  afterAll(() => millrace?.[Symbol.asyncDispose]());

  const publish = (...args: string[]) => {
    const tool = toolPath('mosquitto_pub');
    return run(tool.path, ['-h', '127.0.0.1', '-p', String(millrace.ports.mqtt), ...args], {
      env: { ...process.env, ...tool.env },
      timeout: 30_000,
    });
  };

  it.each([0, 1, 2])('publishes with QoS %i', async (qos) => {
    const device = `pub-qos-${qos}`;
    await publish('-t', `sensors/plant1/${device}`, '-m', '{"temperature": 91.5}', '-q', String(qos));
    const rows = await until('InfluxDB holds it', async () => {
      const found = await millrace.influx(`SELECT * FROM readings WHERE device = '${device}'`);
      return found.length > 0 && found;
    });
    expect(rows).toMatchObject([{ site: 'plant1', device, temperature: 91.5 }]);
  });

  it('publishes by the line that `device add` prints', async () => {
    const tool = toolPath('mosquitto_pub');
    const facts = { host: '127.0.0.1', port: millrace.ports.mqtt, isTls: false, name: 'by-snippet', secret: 'any' };
    const [{ text }] = snippetFor('mosquitto', { ...facts, topic: 'sensors/plant1/by-snippet' }) as [Snippet];
    await run('sh', ['-c', text.replace('mosquitto_pub', '"$TOOL"')], {
      env: { ...process.env, ...tool.env, TOOL: tool.path },
      timeout: 30_000,
    });
    await until('InfluxDB holds it', async () => {
      const found = await millrace.influx(`SELECT * FROM readings WHERE device = 'by-snippet'`);
      return found.length === 1 && found[0]!['temperature'] === 21.5;
    });
  });

  it('publishes many lines over one connection', async () => {
    const tool = toolPath('mosquitto_pub');
    const args = [
      '-h',
      '127.0.0.1',
      '-p',
      String(millrace.ports.mqtt),
      '-q',
      '1',
      '-l',
      '-t',
      'sensors/plant1/lines/level',
    ];
    const child = spawn(tool.path, args, {
      env: { ...process.env, ...tool.env },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const lines = 500;
    child.stdin.end(Array.from({ length: lines }, (_, i) => `${i}.5\n`).join(''));
    expect((await once(child, 'exit'))[0]).toBe(0);
    await until('InfluxDB holds each of them', async () => {
      const rows = await millrace.influx(`SELECT level FROM readings WHERE device = 'lines'`);
      return rows.length === lines;
    });
  });

  it('a subscriber receives what another client publishes', async () => {
    const tool = toolPath('mosquitto_sub');
    const args = [
      '-h',
      '127.0.0.1',
      '-p',
      String(millrace.ports.mqtt),
      '-q',
      '1',
      '-t',
      'sensors/#',
      '-v',
      '-C',
      '1',
      '-W',
      '60',
    ];
    const subscriber = spawn(tool.path, args, {
      env: { ...process.env, ...tool.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    subscriber.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(subscriber, 'exit');
    // What is published before the subscription stands does not reach it.
    await until('the subscriber has received what it waits for', async () => {
      await publish('-t', 'sensors/plant1/press-7', '-m', '{"temperature": 70}', '-q', '1');
      return subscriber.exitCode !== null;
    });
    expect((await ended)[0]).toBe(0);
    expect(output).toBe('sensors/plant1/press-7 {"temperature": 70}\n');
  });

  it('is told when the protocol version is not spoken', async () => {
    const failure = await publish('-V', '5', '-t', 'sensors/plant1/v5', '-m', '1', '-q', '1').then(
      () => null,
      (error: unknown) => error as { code: number },
    );
    expect(failure).not.toBeNull();
    expect(failure!.code).not.toBe(0);
  });
});
