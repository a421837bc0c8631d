import { entries, entry, type Entry, type Say } from './check-entries.ts';

/** What parts of a bridge demand of each other. */
export function checkBridges(raw: Entry, say: Say): void {
  const seen = new Map<string, number>();
  for (const [i, bridge] of entries(raw['bridges'])) {
    const { url, name, clientId = `millrace-${String(name)}`, tls, password, username } = bridge;
    if (typeof url !== 'string') continue;
    const session = `${url} ${String(clientId)}`;
    const first = seen.get(session);
    if (first === undefined) seen.set(session, i);
    else
      say(
        ['bridges', i, 'clientId'],
        `is that of bridges[${first}] at the same broker: they would push each other out`,
      );
    const filters = entries(bridge['topics']).map(([, { filter }]) => filter);
    for (const [j, filter] of filters.entries()) {
      const other = filters.findIndex((one, k) => k < j && overlap(one, filter));
      if (other >= 0)
        say(
          ['bridges', i, 'topics', j, 'filter'],
          `overlaps topics[${other}].filter: brokers may send a message for each`,
        );
    }
    if (tls !== undefined && !url.startsWith('mqtts:')) say(['bridges', i, 'tls'], 'needs an mqtts:// address');
    if ((entry(tls)['cert'] === undefined) !== (entry(tls)['key'] === undefined))
      say(['bridges', i, 'tls'], 'needs both cert and key, or none of them');
    if (password !== undefined && username === undefined)
      say(['bridges', i, 'password'], 'needs a username: MQTT 3.1.1 knows no password alone');
    if (URL.canParse(url) && new URL(url).password !== '')
      say(['bridges', i, 'url'], 'must not hold a password: set username and password');
  }
}

/** Whether there is a topic that both filters match. */
function overlap(a: unknown, b: unknown): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return false;
  const [x, y] = [a.split('/'), b.split('/')];
  for (let level = 0; ; level++) {
    const [one, other] = [x[level], y[level]];
    if (one === '#' || other === '#') return true;
    // `a/#` matches `a`, too.
    if (one === undefined || other === undefined) return one === other || x[level + 1] === '#' || y[level + 1] === '#';
    if (one !== '+' && other !== '+' && one !== other) return false;
  }
}
