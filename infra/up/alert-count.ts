import { apiPath } from '../../events/api.ts';
import type { AlertsAnswer } from '../../events/api-alerts.ts';
import { askDashboard } from './own-dashboard.ts';

const pollMs = 2_000;

/** How many alerts are on, as the dashboard counts them. */
export interface AlertCount {
  /** Null while nobody answers. */
  readonly count: number | null;
  stop(): void;
}

/** @param token lets this process in where people need a password */
export function watchAlertCount(dashboardUrl: string, token: string): AlertCount {
  const headers = { authorization: `Bearer ${token}` };
  let count: number | null = null;
  const ask = async () => {
    try {
      const url = `${dashboardUrl}${apiPath}/alerts?state=active&limit=1`;
      const { status, text } = await askDashboard(url, pollMs, { headers });
      count = status === 200 ? (JSON.parse(text) as AlertsAnswer).counts.total : null;
    } catch {
      // The dashboard is down: the supervisor says so, and the figure is left out until it is back.
      count = null;
    }
  };
  void ask();
  const timer = setInterval(() => void ask(), pollMs);
  return {
    get count() {
      return count;
    },
    stop: () => clearInterval(timer),
  };
}
