import { isIP } from 'node:net';

export interface Approach {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** A write or an upgrade: what another site's page must not do in the viewer's name. */
  readonly needsOrigin: boolean;
}

export type Verdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly status: 403 | 421; readonly error: string; readonly message: string };

/** Judges where a request says it goes to and comes from. */
export interface Guard {
  judge(approach: Approach): Verdict;
}

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Against DNS rebinding: only names known to be this server's are answered. Against other sites' pages: writes and
 * upgrades need an Origin that is this very host, or none (a program, not a page).
 * @param bound the address that the server listens on
 * @param configured further names or addresses, without port
 */
export function createGuard(bound: string, configured: readonly string[] = []): Guard {
  const known = new Set([...loopback, ...[bound, ...configured].map((host) => hostText(host))]);
  // Bound to every address of the machine: any address is its own. Names stay what an attacker can point here.
  const anyAddress = bound === '0.0.0.0' || bound === '::';
  const isKnown = (name: string) => known.has(name) || (anyAddress && isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0);
  return {
    judge({ host, origin, needsOrigin }) {
      const name = host === undefined ? null : nameOf(`http://${host}`);
      if (name === null || !isKnown(name))
        return {
          kind: 'refused',
          status: 421,
          error: 'UNKNOWN_HOST',
          message: `This server is not known as "${host ?? ''}". Open it by its address, or name it in http.hosts.`,
        };
      if (!needsOrigin || origin === undefined) return { kind: 'allowed' };
      if (URL.canParse(origin) && new URL(origin).host === new URL(`http://${host}`).host) return { kind: 'allowed' };
      return {
        kind: 'refused',
        status: 403,
        error: 'OTHER_ORIGIN',
        message: 'Pages of other sites may not do this.',
      };
    },
  };
}

function nameOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname : null;
}

function hostText(host: string): string {
  const text = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return nameOf(`http://${text}`) ?? text;
}
