import type { StateChoice } from '../../events/record.ts';
import { publishConfig } from '../bus/config-versions.ts';
import type { Config } from '../config/schema.ts';
import { planConfig, refuseUnkeepable } from '../changes/change-config.ts';
import { consequence } from '../changes/consequence.ts';
import { logPosition } from '../changes/log-position.ts';
import { planText } from '../changes/plan-text.ts';
import { restartNeeds } from '../changes/restart-needs.ts';
import { canAsk, confirmed } from '../terminal/confirm.ts';
import { labelled } from '../terminal/labelled.ts';
import { attach, type Attached } from './attach.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { type ConfigCommandFlags, loadOrExplain } from './validate.ts';

export interface ApplyFlags extends ConfigCommandFlags {
  readonly keep?: boolean;
  readonly reset?: boolean;
  readonly rebuild?: boolean;
  /** Of a rebuild: where in the log it begins. */
  readonly from?: string;
  readonly yes?: boolean;
}

/**
 * `millrace apply`: puts a changed configuration in force at one position of the log, at run time, after saying what
 * will happen. Exit codes: 0 done or nothing to do, 1 wrong configuration, refused or answered with no, 130 Ctrl-C.
 * @throws UsageError, CHANGE_REFUSED
 */
export async function apply(terminal: Terminal, flags: ApplyFlags): Promise<number> {
  const kind = choiceOf(flags);
  const config = loadOrExplain(terminal, flags);
  if (config === null) return 1;
  const isAsked = canAsk() && !terminal.isJson;
  const servers = await attach(config, 'apply');
  try {
    return await applyTo(servers, config, terminal, { kind, isAsked, flags });
  } finally {
    await servers[Symbol.asyncDispose]();
  }
}

interface Asked {
  readonly kind: StateChoice['kind'];
  /** Somebody is there to be asked. */
  readonly isAsked: boolean;
  readonly flags: ApplyFlags;
}

async function applyTo(
  { bus, running }: Attached,
  config: Config,
  terminal: Terminal,
  { kind, isAsked, flags }: Asked,
): Promise<number> {
  const choice: StateChoice =
    kind === 'rebuild' ? { kind, from: await logPosition(bus, '--from', flags.from!) } : { kind };
  const plan = await planConfig(bus, config);
  const later = running === null ? [] : restartNeeds(running, config);
  const { style } = terminal;

  if (terminal.isJson) {
    const changes = plan.changes.map((change) => ({ ...change, consequence: consequence(change, choice) }));
    terminal.json({ event: 'plan', version: plan.version, state: choice, changes, atNextStart: later });
  } else {
    if (plan.changes.length > 0) terminal.out(planText(style, plan.changes, choice));
    if (later.length > 0)
      terminal.out(labelled(style, 'next start', `${later.join(', ')}: takes effect at the next start`));
  }
  const { partitions } = (running ?? config).log;
  if (!plan.isChanged) {
    // One that was interrupted may have left partitions without its control record: they get it now.
    await publishConfig(bus, partitions, plan.next, choice);
    if (!terminal.isJson) terminal.out(labelled(style, 'in force', `version ${plan.version}, nothing to apply`));
    return 0;
  }
  refuseUnkeepable(plan, choice);
  if (!flags.yes) {
    if (!isAsked) throw new UsageError('nothing was changed: add --yes to apply this where nobody can be asked');
    if (!(await confirmed('apply it?'))) return 1;
  }
  const version = await publishConfig(bus, partitions, plan.next, choice);
  if (terminal.isJson) terminal.json({ event: 'applied', version });
  else
    terminal.out(
      labelled(style, 'applied', `version ${style.bold(String(version))} is in force from here in the log on`),
    );
  return 0;
}

function choiceOf(flags: ApplyFlags): StateChoice['kind'] {
  const chosen = (['keep', 'reset', 'rebuild'] as const).filter((name) => flags[name] === true);
  if (chosen.length > 1) throw new UsageError(`--${chosen.join(' and --')} exclude each other`);
  const kind = chosen[0] ?? 'reset';
  if (kind === 'rebuild' && flags.from === undefined)
    throw new UsageError('--rebuild needs --from: a time such as 2026-07-01T10:00:00Z, a position, or beginning');
  if (kind !== 'rebuild' && flags.from !== undefined) throw new UsageError('--from is for --rebuild');
  return kind;
}
