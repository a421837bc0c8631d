import { networkInterfaces } from 'node:os';
import { isLoopback } from '../config/loopback.ts';

type Interfaces = ReturnType<typeof networkInterfaces>;

/** Addresses shown; a machine may have dozens, of containers and the like. */
const shownMax = 4;

/** Networks that exist in this machine only, or lead somewhere else than to a sensor. */
const virtual = /^(docker|br-|veth|virbr|vmnet|cni|flannel|tun|tap|wg|utun)/;

export interface Reach {
  /** As in a URL: IPv6 in brackets. Those that other machines can use first. */
  readonly hosts: readonly string[];
  /** How many there are beside these. */
  readonly more: number;
}

/** Under which addresses something bound to `host` is reached: of one that means all, each of the machine. */
export function reachOf(host: string, interfaces: Interfaces = networkInterfaces()): Reach {
  const isEverywhere = ['0.0.0.0', '::', ''].includes(host);
  if (!isEverywhere) return { hosts: [inUrl(host)], more: 0 };
  const all = networkAddresses(interfaces, host !== '0.0.0.0');
  return { hosts: [...all.slice(0, shownMax), '127.0.0.1'].map(inUrl), more: Math.max(0, all.length - shownMax) };
}

/** This machine's address in its network, for IPv4; null when it has none. */
export function lanAddress(interfaces: Interfaces = networkInterfaces()): string | null {
  return networkAddresses(interfaces, false)[0] ?? null;
}

/** Where a sensor reaches what is bound to `host`: loopback and "everywhere" are no addresses for it. */
export function hostForSensors(host: string): string {
  return isLoopback(host) || ['0.0.0.0', '::', ''].includes(host) ? (lanAddress() ?? host) : host;
}

function networkAddresses(interfaces: Interfaces, withIpv6: boolean): string[] {
  const named = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).map((address) => ({ name, ...address })),
  );
  return named
    .filter(({ internal, family, scopeid }) => !internal && (family === 'IPv4' || (withIpv6 && !scopeid)))
    .toSorted((a, b) => Number(virtual.test(a.name)) - Number(virtual.test(b.name)))
    .map(({ address }) => address);
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
