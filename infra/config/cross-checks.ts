import { checkAccess } from './access-checks.ts';
import { suggestion } from './nearest-name.ts';
import { type Entry, type Say, entries, entry, isZero, names } from './check-entries.ts';
import { checkCommands } from './command-checks.ts';
import { checkBridges } from './bridge-checks.ts';
import { checkJoins } from './join-checks.ts';
import { knownFields, tagNames } from './known-names.ts';
import { valueText } from './problem.ts';
import { checkRules } from './rule-checks.ts';
import type { Finding } from './schema-problems.ts';
import { checkTables } from './table-checks.ts';
import { checkTopics } from './topic-checks.ts';
import { checkTransforms } from './transform-checks.ts';
import { parseSizeBytes } from './units.ts';
import { checkWindows } from './window-checks.ts';

/**
 * What one part of the configuration demands of another. It looks at the text as written, not at the parsed result, so
 * that these mistakes are reported together with those of the schema; what is not of the right type is skipped here,
 * the schema says so. `fileExists` is asked about files relative to the checkout.
 */
export function crossCheck(raw: Entry, fileExists: (file: string) => boolean): Finding[] {
  const findings: Finding[] = [];
  const say: Say = (path, message) => findings.push({ path, message });
  const list = (key: string) => entries(raw[key]);

  for (const part of ['transforms', 'tables', 'joins', 'windows', 'rules', 'processors', 'webhooks', 'bridges'])
    checkUniqueNames(part, list(part), say);
  const alertNames = [...names(list('rules')), ...names(list('processors'))];
  checkTopics(raw, say);
  checkCommands(raw, say);
  checkTables(raw, say);
  checkTransforms(raw, say);
  checkJoins(raw, say);
  checkWindows(list('windows'), { tags: tagNames(raw), fields: knownFields(raw) }, say);
  checkRules(raw, say);
  for (const [i, processor] of list('processors')) {
    const { file } = processor;
    if (typeof file === 'string' && !fileExists(file)) say(['processors', i, 'file'], `does not exist: ${file}`);
  }
  for (const [i, webhook] of list('webhooks')) {
    if (!Array.isArray(webhook['rules'])) continue;
    for (const [j, rule] of webhook['rules'].entries()) {
      if (typeof rule !== 'string' || rule === '*' || alertNames.includes(rule)) continue;
      say(['webhooks', i, 'rules', j], `names no rule or processor: ${valueText(rule)}${suggestion(rule, alertNames)}`);
    }
  }
  if (isZero(entry(raw['state'])['retain'])) say(['state', 'retain'], 'must be more than 0');
  checkLog(entry(raw['log']), say);
  checkPayload(entry(raw['limits']), say);
  checkBridges(raw, say);
  checkAccess(raw, say);
  checkPorts(raw, say);
  return findings;
}

function checkUniqueNames(part: string, list: readonly [number, Entry][], say: Say): void {
  const seen = new Map<string, number>();
  for (const [i, { name }] of list) {
    if (typeof name !== 'string') continue;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, i);
    else say([part, i, 'name'], `"${name}" is already the name of ${part}[${first}]`);
  }
}

function checkLog(log: Entry, say: Say): void {
  const maxBytes = typeof log['maxBytes'] === 'string' ? parseSizeBytes(log['maxBytes']) : null;
  const keepBytes = typeof log['keepBytes'] === 'string' ? parseSizeBytes(log['keepBytes']) : null;
  if (maxBytes !== null && maxBytes < logBytesMin) say(['log', 'maxBytes'], 'must be at least 16MiB');
  if (maxBytes !== null && keepBytes !== null && keepBytes > maxBytes)
    say(
      ['log', 'keepBytes'],
      `must not be above maxBytes (${String(log['maxBytes'])}), is ${String(log['keepBytes'])}`,
    );
}

/** A payload travels in a message of the log with its topic and client id, and NATS takes messages of up to 1 MiB. */
const payloadBytesMax = 960 * 1024;

function checkPayload(limits: Entry, say: Say): void {
  const { payloadMax } = limits;
  const bytes = typeof payloadMax === 'string' ? parseSizeBytes(payloadMax) : null;
  if (bytes === null || (bytes > 0 && bytes <= payloadBytesMax)) return;
  say(['limits', 'payloadMax'], `must be from 1B to 960KiB, is ${String(payloadMax)}`);
}

/** Below this a few batches would fill the log. */
const logBytesMin = 16 * 2 ** 20;

const portDefaults = { mqtt: 1883, http: 8080, ingestHttp: 8081, nats: 14222, influx: 18086 };

/** Port 0 asks the system for a free one and collides with nothing. */
function checkPorts(raw: Entry, say: Say): void {
  const seen = new Map<number, string>();
  for (const [part, fallback] of Object.entries(portDefaults)) {
    const settings = entry(raw[part]);
    if (settings['url'] !== undefined) continue;
    const port = settings['port'] ?? fallback;
    if (typeof port !== 'number' || port === 0) continue;
    const other = seen.get(port);
    if (other === undefined) seen.set(port, part);
    else say([part, 'port'], `is the same as ${other}.port (${port})`);
  }
  const secure = entry(raw['mqtt'])['tls'] ?? 8883;
  if (raw['tls'] === undefined || typeof secure !== 'number' || secure === 0) return;
  const other = seen.get(secure);
  if (other !== undefined) say(['mqtt', 'tls'], `is the same as ${other}.port (${secure})`);
}
