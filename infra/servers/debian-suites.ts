import { existsSync } from 'node:fs';
import type { AptSource } from './apt-sources.ts';

const debianKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const ubuntuKeyring = '/usr/share/keyrings/ubuntu-archive-keyring.gpg';
const debianReleases = ['bookworm', 'trixie', 'forky', 'sid', 'stable', 'testing', 'unstable', 'oldstable'];

/** Where servers are looked for, best first. The newest nats-server is in sid; bookworm's cannot sync each write. */
const suitesOfDebian = ['sid', 'trixie', 'bookworm'];

/**
 * The suites to try for the servers, each as a source of its own, so that only the index in use is fetched. The mirror is
 * the machine's own. Empty where it has none, or where packages of neither Debian nor Ubuntu can be verified.
 */
export function serverSuites(
  machine: readonly AptSource[],
  hasFile: (path: string) => boolean = existsSync,
): AptSource[] {
  const own = machine.find(
    ({ uri, suites }) => isMainArchive(uri) && suites.some((suite) => debianReleases.includes(suite)),
  );
  const keyring = own?.signedBy ?? debianKeyring;
  if (own !== undefined && hasFile(keyring)) {
    const { uri } = own;
    return suitesOfDebian.map((suite) => ({ uri, suites: [suite], components: ['main'], signedBy: keyring }));
  }
  const ubuntu = machine.find(
    ({ uri, suites }) => /ubuntu/.test(uri) && suites.some((suite) => /^[a-z]+$/.test(suite)),
  );
  const ubuntuKey = ubuntu?.signedBy ?? ubuntuKeyring;
  if (!ubuntu || !hasFile(ubuntuKey)) return [];
  const suites = ubuntu.suites.filter((suite) => /^[a-z]+$/.test(suite));
  return [{ uri: ubuntu.uri, suites, components: ['main', 'universe'], signedBy: ubuntuKey }];
}

function isMainArchive(uri: string): boolean {
  return !/security/.test(uri);
}
