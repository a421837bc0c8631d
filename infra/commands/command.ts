import { setTimeout as pause } from 'node:timers/promises';
import type { ApiError } from '../../events/api.ts';
import type { CommandBody } from '../../events/api-commands.ts';
import type { CommandStepView, CommandView } from '../../events/command.ts';
import { errorText, labelled } from '../terminal/labelled.ts';
import type { Style } from '../terminal/style.ts';
import { MillraceError } from '../errors.ts';
import { type DashboardClient, ownDashboard } from './dashboard-client.ts';
import type { Terminal } from './terminal.ts';
import { type ConfigCommandFlags, loadOrExplain } from './validate.ts';
import { wholeNumber } from './whole-number.ts';

export interface CommandFlags extends ConfigCommandFlags {
  readonly id?: string;
  readonly timeout?: string;
  readonly attempts?: string;
  readonly client?: string;
  /** False after `--no-wait`. */
  readonly wait: boolean;
}

const pollMs = 300;

/**
 * `millrace command`: asks a device to do something, through the dashboard that runs, and shows each step of it. Exit
 * codes: 0 acknowledged (with --no-wait: requested), 1 anything else. @throws UsageError
 */
export async function command(
  terminal: Terminal,
  [device, name, payload]: readonly [device: string, name: string, payload?: string],
  flags: CommandFlags,
): Promise<number> {
  const config = loadOrExplain(terminal, flags);
  if (config === null) return 1;
  const attempts = flags.attempts === undefined ? undefined : wholeNumber('--attempts', flags.attempts, 1, 20);
  const { timeout, id, client } = flags;
  const body: CommandBody = { command: name, ...payloadOf(payload), timeout, attempts, id, client };
  const api = ownDashboard(config, flags.httpPort !== undefined);
  const path = `/devices/${encodeURIComponent(device)}/commands`;

  const asked = await ask(api, path, body);
  if ('problem' in asked) return refused(terminal, asked.problem);
  let { view } = asked;
  let shown = 0;
  for (;;) {
    for (const step of view.steps.slice(shown)) show(terminal, view, step);
    shown = view.steps.length;
    if (!flags.wait || !['requested', 'sent'].includes(view.state)) break;
    await pause(pollMs);
    const answer = await ask(api, `${path}/${view.id}`);
    // It goes on without us; what is known of it is asked again.
    if ('view' in answer) view = answer.view;
    else if (Date.now() * 1_000 > view.deadlineUs + 10_000_000) return refused(terminal, answer.problem);
  }
  return view.state === 'acknowledged' || !flags.wait ? 0 : 1;
}

/** JSON where it is some; else text. */
function payloadOf(text: string | undefined): Pick<CommandBody, 'json' | 'payload'> {
  if (text === undefined) return {};
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return { payload: text };
  }
}

type Asked = { readonly view: CommandView } | { readonly problem: ApiError };

async function ask(api: DashboardClient, path: string, body?: CommandBody): Promise<Asked> {
  try {
    const { status, text } = await api.ask(path, body);
    const answer: unknown = JSON.parse(text);
    return status >= 200 && status < 300 ? { view: answer as CommandView } : { problem: answer as ApiError };
  } catch (error) {
    const message = (error as Error).message;
    return { problem: { error: error instanceof MillraceError ? error.code : 'API_UNREACHABLE', message } };
  }
}

function show(terminal: Terminal, view: CommandView, step: CommandStepView): void {
  if (terminal.isJson) {
    terminal.json({ id: view.id, device: view.device, command: view.command, ...step });
    return;
  }
  terminal.out(labelled(terminal.style, step.state, stepText(terminal.style, view, step)));
}

function stepText(style: Style, view: CommandView, { state, attempt, client, detail }: CommandStepView): string {
  const said = detail === '' ? '' : `: ${detail}`;
  if (state === 'requested') return `${style.bold(view.command)} for ${view.device}, id ${view.id}`;
  if (state === 'sent') return `to ${client}, attempt ${attempt} of at most ${view.attemptsMax}`;
  return `${client === '' ? view.device : client}${said}`;
}

function refused(terminal: Terminal, problem: ApiError): number {
  if (terminal.isJson) terminal.json(problem);
  else terminal.err(errorText(terminal.errStyle, problem.message));
  return 1;
}
