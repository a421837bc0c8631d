import { existsSync, readFileSync } from 'node:fs';
import { apiPath } from '../../events/api.ts';
import type { Config } from '../config/schema.ts';
import { MillraceError } from '../errors.ts';
import { demoDataDirectory } from '../demo/plant.ts';
import { isPasswordHash } from '../password.ts';
import { askDashboard, dashboardUrl } from '../up/own-dashboard.ts';
import { joinFile, type JoinFile } from './join.ts';
import { runningConfig } from './running-config.ts';

/** The REST interface as commands ask it. */
export interface DashboardClient {
  /** Of the answer whatever it is. @param path behind `/api/v1` @throws API_UNREACHABLE */
  ask(path: string, body?: unknown): Promise<{ readonly status: number; readonly text: string }>;
}

const answerWithinMs = 60_000;

/**
 * The dashboard of the Millrace that runs on this configuration's data directory, wherever it was told to listen; it lets
 * in who may read that directory.
 * @param isPortGiven the configuration's port was asked for
 */
export function ownDashboard(config: Config, isPortGiven = false): DashboardClient {
  const running = isPortGiven ? null : runningConfig(config.data);
  const { password } = config.http;
  const typed = password === undefined || isPasswordHash(password) ? undefined : password;
  return client(dashboardUrl(running ?? config), [tokenOfRun(config.data), typed], {
    isElsewhere: false,
    whatToDo:
      running === null
        ? `Nothing runs on the data directory ${config.data}: start Millrace, or name another with --data (the demo: --data ${demoDataDirectory}).`
        : 'It starts, or is being restarted: try again.',
  });
}

/** The dashboard at an address; its password, where it has one, is MILLRACE_PASSWORD. */
export function dashboardAt(url: string, env: NodeJS.ProcessEnv): DashboardClient {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new MillraceError('API_UNREACHABLE', `--url must be an address such as http://127.0.0.1:8080, is "${url}".`);
  return client(url.replace(/\/$/, ''), [env['MILLRACE_PASSWORD']], {
    isElsewhere: true,
    whatToDo: 'Start Millrace, or name another address with --url.',
  });
}

function client(
  url: string,
  passwords: readonly (string | undefined)[],
  { isElsewhere, whatToDo }: { isElsewhere: boolean; whatToDo: string },
): DashboardClient {
  const known = passwords.filter((one) => one !== undefined && one !== '') as string[];
  const send = async (path: string, body: unknown, password: string | undefined) => {
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(password === undefined ? {} : { authorization: `Bearer ${password}` }),
    };
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    try {
      return await askDashboard(url + apiPath + path, answerWithinMs, { ...sent, headers, isElsewhere });
    } catch (cause) {
      const message = `No dashboard answers at ${url} (${(cause as Error).message}). ${whatToDo}`;
      throw new MillraceError('API_UNREACHABLE', message, { cause });
    }
  };
  return {
    async ask(path, body) {
      let answer = await send(path, body, known[0]);
      // The token may be one of an earlier run.
      if (answer.status === 401 && known.length > 1) {
        known.shift();
        answer = await send(path, body, known[0]);
      }
      return answer;
    },
  };
}

/** What `up` has left for processes of its own user; undefined where nothing of it runs. */
function tokenOfRun(data: string): string | undefined {
  const path = joinFile(data);
  if (!existsSync(path)) return undefined;
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as JoinFile).dashboard['MILLRACE_DASHBOARD_TOKEN'];
  } catch {
    return undefined; // Not readable by this user, or of another version: the password is left.
  }
}
