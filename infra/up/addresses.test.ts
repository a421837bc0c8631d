import type { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { lanAddress, reachOf } from './addresses.ts';

const ipv4 = (address: string, internal = false) => ({
  address,
  internal,
  family: 'IPv4' as const,
  netmask: '',
  mac: '',
  cidr: null,
});
const ipv6 = (address: string, scopeid: number) => ({
  ...ipv4(address),
  family: 'IPv6' as const,
  scopeid,
});
const interfaces: ReturnType<typeof networkInterfaces> = {
  lo: [ipv4('127.0.0.1', true)],
  docker0: [ipv4('172.17.0.1')],
  eth0: [ipv4('192.168.1.10'), ipv6('fd00::10', 0), ipv6('fe80::1', 2)],
};

it.each([
  ['127.0.0.1', ['127.0.0.1']],
  ['192.168.1.10', ['192.168.1.10']],
  ['fd00::1', ['[fd00::1]']],
  ['0.0.0.0', ['192.168.1.10', '172.17.0.1', '127.0.0.1']],
  ['::', ['192.168.1.10', '[fd00::10]', '172.17.0.1', '127.0.0.1']],
])('what is bound to %s is reached at %j', (host, hosts) =>
  expect(reachOf(host, interfaces)).toEqual({ hosts, more: 0 }),
);

it('of many addresses some are counted', () => {
  const many = { eth0: Array.from({ length: 7 }, (_, n) => ipv4(`10.0.0.${n}`)) };
  expect(reachOf('0.0.0.0', many)).toMatchObject({ hosts: { length: 5 }, more: 3 });
});

it("the machine's address in its network is none of containers, if it has another", () => {
  expect(lanAddress(interfaces)).toBe('192.168.1.10');
  expect(lanAddress({ docker0: interfaces['docker0'] })).toBe('172.17.0.1');
  expect(lanAddress({ lo: interfaces['lo'] })).toBeNull();
});
