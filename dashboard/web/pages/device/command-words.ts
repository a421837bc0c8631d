import type { CommandBody } from '../../../../events/api-commands.ts';
import type { CommandView } from '../../../../events/command.ts';
import type { CommandState } from '../../../../events/record.ts';

/** What stands under a command: its state and why. */
export function commandText({
  state,
  steps,
  attemptsMax,
}: Pick<CommandView, 'state' | 'steps' | 'attemptsMax'>): string {
  const { attempt, client, detail } = steps.at(-1)!;
  const said = detail === '' ? '' : `: ${detail}`;
  switch (state) {
    case 'requested':
      return 'waits for the device';
    case 'sent':
      return attempt === 1 ? `sent to ${client}` : `sent to ${client}, attempt ${attempt} of ${attemptsMax}`;
    case 'timed-out':
      return `timed out${said}`;
    default:
      return `${state}${said}`;
  }
}

export function commandMark(state: CommandState): 'ok' | 'info' | 'warning' {
  if (state === 'acknowledged') return 'ok';
  return state === 'requested' || state === 'sent' ? 'info' : 'warning';
}

/** JSON where it is some, else text; nothing when empty. */
export function payloadOf(text: string): Pick<CommandBody, 'json' | 'payload'> {
  if (text === '') return {};
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return { payload: text };
  }
}
