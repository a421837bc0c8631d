import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { TlsConfig } from '../config/access-schema.ts';
import { MillraceError } from '../errors.ts';
import type { Log } from '../log.ts';
import { watchFiles } from './watched-files.ts';

/** What servers are made with. */
export interface TlsMaterial {
  readonly options: Pick<SecureContextOptions, 'cert' | 'key' | 'ca' | 'crl' | 'minVersion'>;
  /** Content of the revocation list: when it is another, connections made before it may be of revoked certificates. */
  readonly crl: string | undefined;
}

/** The certificates of the configuration, followed on the disk. */
export interface TlsFiles {
  readonly material: TlsMaterial;
  /** Calls with each renewed material that is sound. */
  onRenewed(listener: (material: TlsMaterial) => void): void;
  close(): void;
}

type Part = 'cert' | 'key' | 'ca' | 'crl';

/**
 * Reads them and watches them. What is renewed and broken is said in the log as an error, and what was there before
 * stays in use.
 * @param withClients servers that ask for client certificates need ca and crl, others must not have them
 * @throws CONFIG_INVALID when they cannot be used
 */
export function openTlsFiles(config: TlsConfig, log: Log, everyMs?: number): TlsFiles {
  const parts = (['cert', 'key', 'ca', 'crl'] as const).filter((part) => config[part] !== undefined);
  const files = parts.map((part) => config[part]!);
  let contents: string[];
  let material: TlsMaterial;
  try {
    contents = files.map((file) => readFileSync(file, 'utf8'));
    material = materialOf(parts, contents);
  } catch (cause) {
    throw new MillraceError('CONFIG_INVALID', `tls: ${(cause as Error).message}. The files: ${files.join(', ')}.`, {
      cause,
    });
  }
  const listeners: ((material: TlsMaterial) => void)[] = [];
  const refused = (err: unknown) =>
    log.error({ err, files }, 'RENEWED CERTIFICATES CANNOT BE USED: those from before stay until the files are mended');
  const close = watchFiles(
    files,
    contents,
    (found) => {
      if (found instanceof Error) return refused(found);
      try {
        material = materialOf(parts, found);
      } catch (error) {
        return refused(error);
      }
      const { validTo } = new X509Certificate(found[0]!);
      log.info({ files, validTo }, 'renewed certificates are in use');
      for (const listener of listeners) listener(material);
    },
    everyMs,
  );
  return {
    get material() {
      return material;
    },
    onRenewed: (listener) => void listeners.push(listener),
    close,
  };
}

/** @throws when the contents do not make a server: not PEM, key and certificate of different pairs, expired. */
function materialOf(parts: readonly Part[], contents: readonly string[]): TlsMaterial {
  const values = Object.fromEntries(parts.map((part, at) => [part, contents[at]])) as Partial<Record<Part, string>>;
  const options = { ...values, minVersion: 'TLSv1.2' as const };
  createSecureContext(options);
  const { validToDate } = new X509Certificate(values.cert!);
  if (validToDate.getTime() < Date.now())
    throw new Error(`the certificate has expired at ${validToDate.toISOString()}`);
  return { options, crl: values.crl };
}
