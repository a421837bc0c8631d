import { processingConfig, type Config } from './schema.ts';

/** Bytes of a configuration version, with the rows of all tables: what one value of NATS KV holds. */
const versionBytesMax = 512 * 1024;

/** Why a configuration cannot become a version, as a sentence; null when it can. */
export function versionBytesProblem(config: Config): string | null {
  const bytes = Buffer.byteLength(JSON.stringify(processingConfig(config)));
  if (bytes <= versionBytesMax) return null;
  const kib = (value: number) => `${Math.ceil(value / 1024)}KiB`;
  return `make the configuration ${kib(bytes)} with all their rows, at most ${kib(versionBytesMax)} can be put in force`;
}
