/** The pages there are. */
export type Route =
  | { readonly page: 'overview' | 'devices' | 'alerts' | 'webhooks' | 'quarantine' }
  | { readonly page: 'device'; readonly key: string }
  | { readonly page: 'missing' };

/** The page that a path names. `/devices/plant1%2Fpress-7`: the device key is one encoded segment. */
export function routeOf(path: string): Route {
  const [, first = '', second, ...rest] = path.replace(/(.)\/$/, '$1').split('/');
  if (rest.length > 0) return { page: 'missing' };
  if (second !== undefined) {
    const key = first === 'devices' ? decoded(second) : null;
    return key === null || key === '' ? { page: 'missing' } : { page: 'device', key };
  }
  switch (first) {
    case '':
      return { page: 'overview' };
    case 'devices':
    case 'alerts':
    case 'webhooks':
    case 'quarantine':
      return { page: first };
    default:
      return { page: 'missing' };
  }
}

export function devicePath(key: string): string {
  return `/devices/${encodeURIComponent(key)}`;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    // A stray % that encodes nothing: no device has such a key.
    return null;
  }
}
