import type { IncomingMessage } from 'node:http';
import { peerOf } from '../peer.ts';
import type { Presented } from '../access/identity.ts';

/**
 * What a request shows of its sender: `Authorization` (Basic; Bearer, or Token as InfluxDB 2 has it), else the
 * parameters `u` and `p` of InfluxDB 1. A token `name:password` is read as both, as InfluxDB 1.8 does.
 */
export function presentedBy(request: IncomingMessage, query: URLSearchParams): Presented {
  const { address, certificate } = peerOf(request.socket);
  // One that does not count is nobody's: what else is shown decides.
  const shown = certificate?.problem === null ? { address, certificate } : { address };
  const [, scheme = '', value = ''] = /^\s*(\S+)\s+(.*?)\s*$/.exec(request.headers.authorization ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic':
      return { ...parted(Buffer.from(value, 'base64').toString('utf8')), ...shown };
    case 'bearer':
    case 'token':
      return { token: value, ...(value.includes(':') ? parted(value) : {}), ...shown };
  }
  const [username, password] = [query.get('u'), query.get('p')];
  return { ...(username === null ? {} : { username }), ...(password === null ? {} : { password }), ...shown };
}

function parted(text: string): { username: string; password: string } {
  const at = text.indexOf(':');
  return at < 0 ? { username: text, password: '' } : { username: text.slice(0, at), password: text.slice(at + 1) };
}
