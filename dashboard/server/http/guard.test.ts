import { expect, it } from 'vitest';
import { createGuard } from './guard.ts';

const local = createGuard('127.0.0.1');
const open = createGuard('0.0.0.0', ['plant.example', 'fd00::7']);

it.each([
  ['localhost:8080', local, 'allowed'],
  ['LOCALHOST', local, 'allowed'],
  ['127.0.0.1:8080', local, 'allowed'],
  ['[::1]:8080', local, 'allowed'],
  ['127.1', local, 'allowed'],
  ['evil.example:8080', local, 421],
  ['localhost.evil.example', local, 421],
  ['192.168.1.5', local, 421],
  ['', local, 421],
  ['a b', local, 421],
  [undefined, local, 421],
  ['192.168.1.5:8080', open, 'allowed'],
  ['[fd00::7]:8080', open, 'allowed'],
  ['plant.example', open, 'allowed'],
  ['evil.example', open, 421],
] as const)('Host %j', (host, guard, expected) => {
  const verdict = guard.judge({ host, origin: undefined, needsOrigin: false });
  expect(verdict.kind === 'refused' ? verdict.status : verdict.kind).toBe(expected);
});

it.each([
  [undefined, true, 'allowed'],
  ['http://localhost:8080', true, 'allowed'],
  ['https://localhost:8080', true, 'allowed'],
  ['http://localhost:9090', true, 403],
  ['http://127.0.0.1:8080', true, 403],
  ['http://evil.example', true, 403],
  ['null', true, 403],
  ['', true, 403],
  ['http://evil.example', false, 'allowed'],
] as const)('Origin %j, of a write or upgrade: %j', (origin, needsOrigin, expected) => {
  const verdict = local.judge({ host: 'localhost:8080', origin, needsOrigin });
  expect(verdict.kind === 'refused' ? verdict.status : verdict.kind).toBe(expected);
});
