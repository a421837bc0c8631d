import { expect, it } from 'vitest';
import { bindingProblem } from './binding.ts';
import { configSchema } from './schema.ts';

const bound = (mqtt: string, ingestHttp = mqtt) =>
  configSchema.parse({ mqtt: { host: mqtt }, ingestHttp: { host: ingestHttp } });

it.each([
  ['127.0.0.1', 0, {}, true],
  ['localhost', 0, {}, true],
  ['::1', 0, {}, true],
  ['0.0.0.0', 0, {}, false],
  ['::', 0, {}, false],
  ['192.168.1.5', 0, {}, false],
  ['plant.example', 0, {}, false],
  ['0.0.0.0', 1, {}, true],
  ['0.0.0.0', 0, { auth: { jwt: { keys: 'x' } } }, true],
  ['0.0.0.0', 0, { auth: {} }, false],
  ['0.0.0.0', 0, { tls: { clientCertificates: 'require' } }, true],
  ['0.0.0.0', 0, { tls: { clientCertificates: 'request' } }, false],
] as const)('bound to %s with %i credentials and %j may start: %j', (host, credentials, proofs, expected) => {
  expect(bindingProblem({ ...bound(host), ...proofs }, { credentials }) === null).toBe(expected);
});

it('names what is open, and what to do', () => {
  const problem = bindingProblem(bound('127.0.0.1', '10.0.0.7'), { credentials: 0 });
  expect(problem).toMatch(/^ingestHttp\.host is 10\.0\.0\.7:/);
  expect(problem).toContain('millrace device add');
  expect(bindingProblem(bound('10.0.0.7'), { credentials: 0 })).toContain('mqtt.host is 10.0.0.7 and ingestHttp.host');
});
