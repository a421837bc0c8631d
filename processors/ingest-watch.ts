import type { Bus } from '../infra/bus/connection.ts';
import { watchHealth } from '../infra/health/reporting.ts';
import type { Alarms } from './alarms.ts';
import { RefusedClients, refusedText } from './refused-clients.ts';

/** Without a report of an ingest process for so long, it counts as down. It reports once a second. */
const silenceMaxMs = 10_000;
/** One of several that has been silent for so long is not expected back. */
const forgetMs = 600_000;
const checkEveryMs = 1_000;
/** A bridge may be away from its broker for so long before it is an alarm. */
const bridgeAwayMaxMs = 10_000;

const refusedCode = 'CLIENTS_REFUSED';

/**
 * Raises an alarm while no ingest process reports: the log's time stands still then, so no rule can tell of it. And one
 * for each that has fallen silent beside others: time goes on by their ticks, and its devices count as silent. And one
 * while clients are refused that nobody knows.
 */
export function watchIngest(bus: Bus, alarms: Alarms, signal: AbortSignal): void {
  let lastMs = performance.now();
  const heard = new Map<string, number>();
  const codeOf = (instance: string) => `ingest-silent-${instance}`;
  const refused = new RefusedClients();
  let told = 0;
  const unsubscribe = watchHealth(bus, (report) => {
    if (report.process !== 'ingest') return;
    lastMs = performance.now();
    heard.set(report.instance, lastMs);
    refused.note(report.instance, report.unknown.refused, lastMs);
    alarms.set('INGEST_DOWN', null);
    alarms.set(codeOf(report.instance), null);
    for (const { name, connected, sinceUs, error } of report.bridges ?? []) {
      const isAway = !connected && report.atUs - sinceUs > bridgeAwayMaxMs * 1000;
      const text = isAway
        ? `Bridge ${name} is not connected: ${error}. Its messages wait at the other broker.`
        : connected && error !== ''
          ? `Bridge ${name}: ${error}.`
          : null;
      // While it connects again an alarm that is raised stays.
      if (text !== null || connected) alarms.set(`bridge-${name}`, text);
    }
  });
  const timer = setInterval(() => {
    const nowMs = performance.now();
    // While the link to NATS is down nobody can be heard, and nothing is known.
    if (!bus.connected) {
      lastMs = nowMs;
      for (const instance of heard.keys()) heard.set(instance, nowMs);
    }
    const clients = refused.told(nowMs);
    if (clients !== told) {
      // Another number is another sentence: the one before ends.
      alarms.set(refusedCode, null);
      if (clients > 0) alarms.set(refusedCode, refusedText(clients));
      told = clients;
    }
    if (nowMs - lastMs > silenceMaxMs)
      return alarms.set(
        'INGEST_DOWN',
        'Ingest does not report: sensors cannot publish, and silence means nothing until it is back.',
      );
    for (const [instance, heardMs] of heard) {
      const silent = nowMs - heardMs > silenceMaxMs;
      if (silent)
        alarms.set(
          codeOf(instance),
          `Ingest process ${instance} does not report: devices that are connected to it count as silent.`,
        );
      if (nowMs - heardMs <= forgetMs) continue;
      heard.delete(instance);
      alarms.set(codeOf(instance), null);
    }
  }, checkEveryMs);
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    unsubscribe();
    alarms.set(refusedCode, null);
    for (const instance of heard.keys()) alarms.set(codeOf(instance), null);
  });
}
