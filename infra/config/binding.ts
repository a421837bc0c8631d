import { MillraceError } from '../errors.ts';
import { isLoopback } from './loopback.ts';
import type { Config } from './schema.ts';

/** What proves who a sensor is, beside credentials: tokens signed elsewhere, or client certificates. */
interface OtherProofs {
  readonly auth?: { readonly jwt?: unknown };
  readonly tls?: { readonly clientCertificates?: unknown };
}

/**
 * Whether sensors would be let in unknown from other machines: why not, and what to do; null when all is well.
 * @param known `credentials`: how many are stored
 */
export function bindingProblem(
  config: Pick<Config, 'mqtt' | 'ingestHttp'> & OtherProofs,
  known: { readonly credentials: number },
): string | null {
  const open = (['mqtt', 'ingestHttp'] as const).filter((part) => !isLoopback(config[part].host));
  const isProven = config.auth?.jwt !== undefined || config.tls?.clientCertificates === 'require';
  if (open.length === 0 || known.credentials > 0 || isProven) return null;
  const places = open.map((part) => `${part}.host is ${config[part].host}`).join(' and ');
  return (
    `${places}: everybody in that network could publish and subscribe, for no credential is known. ` +
    'Start on 127.0.0.1 (without MILLRACE_HOST) and add one with `npx millrace device add <name>`, or set auth.jwt or ' +
    'tls.clientCertificates: require; then bind elsewhere.'
  );
}

/** @throws ANONYMOUS_REFUSED */
export function refuseAnonymous(...given: Parameters<typeof bindingProblem>): void {
  const problem = bindingProblem(...given);
  if (problem !== null) throw new MillraceError('ANONYMOUS_REFUSED', problem);
}
