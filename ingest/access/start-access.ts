import { CredentialBook } from '../../infra/access/credential-book.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { Config } from '../../infra/config/schema.ts';
import type { Log } from '../../infra/log.ts';
import { AccessControl } from './access-control.ts';
import { RefusalAudit } from './refusal-audit.ts';
import { Strangers } from './strangers.ts';
import { TokenReader } from './tokens.ts';

export interface AccessService {
  readonly access: AccessControl;
  readonly audit: RefusalAudit;
  readonly strangers: Strangers;
  stop(): Promise<void>;
}

/** Resolves when all credentials are known: before that nobody may be let in. @throws CONFIG_INVALID, LOG_UNAVAILABLE */
export async function startAccess(bus: Bus, config: Config, log: Log, nowUs: () => number): Promise<AccessService> {
  const { jwt } = config.auth;
  const tokens = jwt === undefined ? null : new TokenReader(jwt, log);
  const book = new CredentialBook();
  const stopping = new AbortController();
  const following = book.follow(bus, stopping.signal, log);
  await book.loaded;
  const strangers = new Strangers((name) => book.get(name) !== undefined);
  const audit = new RefusalAudit(bus, log, nowUs, (entry) => strangers.note(entry, performance.now()));
  const access = new AccessControl({
    book,
    tokens,
    certificates: config.tls?.clientCertificates ?? 'none',
    templates: config.topics.map(({ template }) => template),
    nowUs,
    onRefused({ reason, detail }, { username = '', certificate, address }) {
      audit.refused(reason, { who: username || (certificate?.commonName ?? ''), address, reason: detail });
    },
  });
  return {
    access,
    audit,
    strangers,
    async stop() {
      stopping.abort();
      tokens?.[Symbol.dispose]();
      await audit.close();
      await following;
    },
  };
}
