import type { SupervisorEvent } from './supervisor.ts';

/** An event as a line for the terminal, with the process's last words where it died; null for what is no news. */
export function describeEvent(event: SupervisorEvent): string | null {
  switch (event.kind) {
    case 'orphan-stopped':
      return `stopped ${event.name} (pid ${event.pid}), which an earlier run had left behind`;
    case 'died': {
      const last = event.lastLines.map((line) => `\n    ${line}`).join('');
      return `${event.name} died (${event.why}), starts again in ${seconds(event.restartInMs)}${last}`;
    }
    case 'not-ready':
      return event.why;
    case 'ready':
      return event.restarted ? `${event.name} is back, ready after ${seconds(event.tookMs)}` : null;
    case 'given-up':
      return event.error.message;
    case 'started':
    case 'stopped':
      return null;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
