import type { SetupLine } from './setup-line.mjs';

/** Installs what the lockfile names unless node_modules has exactly that. */
export function ensureDependencies(root: string, setup: Pick<SetupLine, 'doing' | 'done'>): Promise<void>;
