/**
 * Who should hold what. Pure: everybody who sees the same members and holders decides the same, so nobody has to be in
 * charge.
 */

/**
 * Spreads names over members: each gets as many as any other, or one more. What a member holds stays with it as far as
 * that allows; the rest goes where a hash of name and member says (rendezvous), so that who comes and goes moves little.
 * @param holders by name, who holds it now; those that are no members count as nobody
 */
export function assign(
  names: readonly string[],
  members: readonly string[],
  holders: ReadonlyMap<string, string>,
): Map<string, string> {
  const wanted = new Map<string, string>();
  if (members.length === 0) return wanted;
  const holding = new Map(members.map((member) => [member, [] as string[]]));
  for (const name of names.toSorted()) holding.get(holders.get(name) ?? '')?.push(name);

  // The remainder goes to those who hold most: then the fewest names move.
  const byLoad = members.toSorted((a, b) => holding.get(b)!.length - holding.get(a)!.length || (a < b ? -1 : 1));
  const share = Math.floor(names.length / members.length);
  const remainder = names.length % members.length;
  const room = new Map(byLoad.map((member, place) => [member, share + (place < remainder ? 1 : 0)]));

  for (const member of byLoad) {
    const own = holding.get(member)!.toSorted((a, b) => weight(b, member) - weight(a, member) || (a < b ? -1 : 1));
    for (const name of own.slice(0, room.get(member))) {
      wanted.set(name, member);
      room.set(member, room.get(member)! - 1);
    }
  }
  for (const name of names.toSorted()) {
    if (wanted.has(name)) continue;
    const free = byLoad.filter((member) => room.get(member)! > 0);
    const member = free.reduce((best, one) => (weight(name, one) > weight(name, best) ? one : best));
    wanted.set(name, member);
    room.set(member, room.get(member)! - 1);
  }
  return wanted;
}

/** 32 bit, spread evenly: FNV-1a and the finalizer of MurmurHash3, as FNV alone differs little for similar texts. */
function weight(name: string, member: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${name}\n${member}`)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
