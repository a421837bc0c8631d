import { join } from 'node:path';

/** The directory of this checkout. */
export const checkout = join(import.meta.dirname, '..', '..');

/** What set-up keeps for every data directory of this checkout: servers, tools, locks. */
export const setupDirectory = join(checkout, '.millrace');
