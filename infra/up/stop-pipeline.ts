import type { Terminal } from '../commands/terminal.ts';
import type { Config } from '../config/schema.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { labelled } from '../terminal/labelled.ts';
import { ledgerLine } from '../terminal/ledger-line.ts';
import { childNames } from './children.ts';
import type { Screen } from './screen.ts';
import type { Pipeline } from './start-pipeline.ts';

export interface StopParts {
  readonly terminal: Terminal;
  readonly supervisor: Supervisor;
  readonly screen: Screen;
  readonly pipeline: Pipeline;
  readonly config: Config;
  /** The demo's plant runs. */
  readonly hasPlant: boolean;
}

/**
 * Who reads the log goes first, then who writes it, then the servers; what is not yet read waits in the log. Those of a
 * kind go together: one that stays would take over what the others give up.
 */
const order = ({ processes }: Config) => [
  childNames('processors', processes.processors),
  ['dashboard'],
  childNames('ingest', processes.ingest),
  ['influxd'],
  ['nats-server'],
];

/** Stops all, and says what the ledger came to. Ctrl-C once more ends it at once. */
export async function stopPipeline({
  terminal,
  supervisor,
  screen,
  pipeline,
  config,
  hasPlant,
}: StopParts): Promise<void> {
  const startedAt = performance.now();
  pipeline.unwatch();
  screen.end();
  const names = hasPlant ? [['simulator'], ...order(config)] : order(config);
  await supervisor.stop(names);
  await pipeline.close();
  const tookMs = performance.now() - startedAt;
  const ledger = pipeline.status.ledger();
  const { style, errStyle } = terminal;
  if (terminal.isJson) return terminal.json({ event: 'stopped', tookMs: Math.round(tookMs), ledger });
  terminal.err(labelled(errStyle, 'stopping', `${names.flat().join(', ')}, ${(tookMs / 1000).toFixed(1)} s`));
  terminal.out(labelled(style, 'stopped', ledger === null ? 'nothing was received' : ledgerLine(style, ledger)));
}
