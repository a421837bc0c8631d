import { existsSync } from 'node:fs';
import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/schema.ts';

const defaultMaxBytes = 8 * 2 ** 30;

/**
 * Fills in the log's bounds: at most 8 GiB, at most half of the disk that is free or in use by the log already (else
 * each start would find less room than the one before).
 */
export async function withLogBounds(config: Config, dataDirectory: string, storeDirectory: string): Promise<Config> {
  const { log } = config;
  const maxBytes = log.maxBytes ?? (await defaultBytes(dataDirectory, storeDirectory));
  return { ...config, log: { ...log, maxBytes, keepBytes: log.keepBytes ?? Math.floor(maxBytes / 2) } };
}

async function defaultBytes(dataDirectory: string, storeDirectory: string): Promise<number> {
  const { bavail, bsize } = await statfs(dataDirectory);
  const room = bavail * bsize + (await bytesBelow(storeDirectory));
  return Math.min(defaultMaxBytes, Math.floor(room / 2));
}

async function bytesBelow(directory: string): Promise<number> {
  if (!existsSync(directory)) return 0;
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
