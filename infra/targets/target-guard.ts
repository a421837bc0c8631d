import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { MillraceError } from '../errors.ts';

/** Resolves a name to all of its addresses. */
export type ResolveAll = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Keeps webhooks from reaching what only this machine and its network can reach. */
export interface TargetGuard {
  /** Why the address may not be called, as a sentence; null if it may. Names are judged when they are resolved. */
  refusal(url: string): string | null;
  /** For sockets: resolves a name and fails with TARGET_REFUSED unless every address may be called. */
  readonly lookup: LookupFunction;
}

const ipv6Global = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/** @param networks CIDRs that may be called although they are not public */
export function createTargetGuard(
  networks: readonly string[],
  resolveAll: ResolveAll = resolveWithSystem,
): TargetGuard {
  const allowed = networks.map((network) => ipaddr.parseCIDR(network));
  const allows = (text: string) => {
    if (!ipaddr.isValid(text)) return false;
    // An IPv4 address inside IPv6 (::ffff:127.0.0.1) is judged as what it reaches.
    const address = ipaddr.process(text);
    if (allowed.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits)))
      return true;
    if (address.range() !== 'unicast') return false;
    return address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(ipv6Global);
  };
  return {
    refusal(url) {
      const target = URL.parse(url);
      if (target === null || !/^https?:$/.test(target.protocol)) return `"${url}" is no http:// or https:// address.`;
      // The parser has turned 127.1, 0x7f000001 and 2130706433 into 127.0.0.1.
      const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
      if (!ipaddr.isValid(host) || allows(host)) return null;
      return `The address is ${refusedText(host)}`;
    },
    lookup(hostname, options, callback) {
      resolveAll(hostname, { ...options, all: true }, (error, addresses) => {
        const refused = error ? undefined : addresses.find(({ address }) => !allows(address));
        if (error) callback(error, []);
        else if (refused !== undefined)
          callback(new MillraceError('TARGET_REFUSED', `${hostname} is ${refusedText(refused.address)}`), []);
        else if (options.all === true) callback(null, addresses);
        else if (addresses[0] === undefined) callback(new Error(`${hostname} has no address.`), []);
        else callback(null, addresses[0].address, addresses[0].family);
      });
    },
  };
}

const resolveWithSystem: ResolveAll = (hostname, options, callback) =>
  systemLookup(hostname, { ...options, all: true }, callback);

function refusedText(address: string): string {
  return `${address}, which is not a public address; to allow it, add its network to webhookNetworks.`;
}

/** The networks in force: those of the configuration, by default loopback while HTTP itself listens only there. */
export function allowedNetworks(config: {
  webhookNetworks?: readonly string[] | undefined;
  http: { host: string };
}): readonly string[] {
  const loopback = ['127.0.0.0/8', '::1/128'];
  if (config.webhookNetworks !== undefined) return config.webhookNetworks;
  const { host } = config.http;
  const isLoopback = host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');
  return isLoopback ? loopback : [];
}
