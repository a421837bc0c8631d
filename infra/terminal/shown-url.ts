/** An address as it may be shown: `mqtt://plant:***@host`. */
export function withoutSecret(url: string): string {
  return url.replace(/^(\w+:\/\/[^/@:]*):[^/@]*@/, '$1:***@');
}
