import { loadConfig } from '../config/load.ts';
import { problemLines } from '../config/problem.ts';
import { errorText } from '../terminal/labelled.ts';
import { plural } from '../terminal/quantities.ts';
import type { ConfigFlags } from '../config/overrides.ts';
import type { Config } from '../config/schema.ts';
import type { Terminal } from './terminal.ts';

export interface ConfigCommandFlags extends ConfigFlags {
  readonly config?: string;
}

/** Loads the configuration, or says all that is wrong with it and returns null. */
export function loadOrExplain(terminal: Terminal, flags: ConfigCommandFlags, file = flags.config): Config | null {
  const loaded = loadConfig({ file, env: process.env, flags });
  if ('config' in loaded) return loaded.config;
  if (terminal.isJson) terminal.json({ error: 'CONFIG_INVALID', file: loaded.file, problems: loaded.problems });
  else terminal.err(errorText(terminal.errStyle, problemLines(loaded.file, loaded.problems).join('\n')));
  return null;
}

/** `millrace validate`: exit code 0 for a correct configuration, else 1. */
export function validate(terminal: Terminal, flags: ConfigCommandFlags): number {
  const config = loadOrExplain(terminal, flags);
  if (config === null) return 1;
  const { topics, windows, rules, webhooks } = config;
  const counts = { topics: topics.length, windows: windows.length, rules: rules.length, webhooks: webhooks.length };
  if (terminal.isJson) terminal.json({ valid: true, ...counts });
  else {
    const parts = Object.entries(counts).map(([name, count]) => plural(count, name.slice(0, -1)));
    terminal.out(`  correct: ${parts.join(', ')}`);
  }
  return 0;
}
