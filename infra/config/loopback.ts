import { isIPv6 } from 'node:net';

/** Is an address, or a name to bind to, this machine alone? Unknown names are not. */
export function isLoopback(host: string): boolean {
  const text = mapped(host.toLowerCase().replace(/^\[(.*)\]$/, '$1'));
  return text === 'localhost' || text === '::1' || /^127(?:\.\d{1,3}){3}$/.test(text);
}

/** What counts as one sender: an IPv4 address, or the /64 of an IPv6 address, of which one machine has all. */
export function networkOf(address: string): string {
  const text = mapped(address.toLowerCase());
  if (!isIPv6(text)) return text;
  const [head = '', tail] = text.split('%')[0]!.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const groups = [...before, ...zeros, ...after].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}

/** `::ffff:10.0.0.1`, as a socket bound to both kinds names it, is 10.0.0.1. */
function mapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
