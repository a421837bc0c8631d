import { isIP } from 'node:net';

/**
 * May this upgrade come in? Browsers let any page open a WebSocket to this machine, and name the page in `Origin`:
 * only a page from here may, and programs, which send none. The host has to be an address or a name known to be ours,
 * or a foreign page could give this machine a name of its own (DNS rebinding).
 *
 * @param host the configured address the server listens on.
 */
export function upgradeAllowed(headers: { host?: string; origin?: string }, host: string): boolean {
  const asked = parse(`http://${headers.host ?? ''}`);
  if (asked === null) return false;
  const name = asked.hostname.replace(/^\[|\]$/g, '');
  if (isIP(name) === 0 && name !== 'localhost' && name !== host) return false;
  if (headers.origin === undefined) return true;
  return parse(headers.origin)?.host === asked.host;
}

function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
