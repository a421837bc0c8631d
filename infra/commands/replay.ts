import type { Bus } from '../bus/connection.ts';
import { logPosition } from '../changes/log-position.ts';
import { type Config, processingConfig, type ProcessingConfig } from '../config/schema.ts';
import { withSchemas } from '../schemas/in-force.ts';
import { listenForStop } from '../supervisor/stop-signals.ts';
import { labelled } from '../terminal/labelled.ts';
import { createLiveLine } from '../terminal/live-line.ts';
import { type ReplayProgress, replayedLine, replayLine } from '../terminal/replay-lines.ts';
import { attach, type Attached } from './attach.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { type ConfigCommandFlags, loadOrExplain } from './validate.ts';

export interface ReplayFlags extends ConfigCommandFlags {
  readonly from: string;
  readonly to?: string;
  readonly into: string;
}

/** What the processors offer; the command line brings the two together. */
export type ReplayLog = (options: {
  readonly bus: Bus;
  readonly config: Config;
  readonly influx: Attached['influx'];
  readonly into: 'influxdb' | 'nothing';
  readonly from: number | 'checkpoint';
  readonly until: number | null;
  readonly trial: ProcessingConfig | null;
  readonly signal: AbortSignal;
  readonly onProgress: (figures: ReplayProgress) => void;
  readonly onNote: (text: string) => void;
}) => Promise<ReplayProgress>;

/**
 * `millrace replay`: exit code 0 when all was read, 1 for a wrong configuration or when points were refused, 130 after
 * Ctrl-C.
 * @throws UsageError, CHANGE_REFUSED
 */
export async function replay(terminal: Terminal, flags: ReplayFlags, replayLog: ReplayLog): Promise<number> {
  const { into } = flags;
  if (into !== 'influxdb' && into !== 'nothing')
    throw new UsageError(`--into must be influxdb or nothing, is "${into}"`);
  if (flags.config !== undefined && into === 'influxdb')
    throw new UsageError(
      '--config tries a configuration and is for --into nothing: what is stored is that of the versions in force',
    );
  const config = loadOrExplain(terminal, flags);
  if (config === null) return 1;
  const servers = await attach(config, 'replay', into === 'influxdb' ? ['influxd'] : []);
  const signals = listenForStop();
  const stopping = new AbortController();
  void signals.first.then(() => stopping.abort());
  const line = createLiveLine(process.stderr);
  try {
    const { bus, influx, running } = servers;
    const figures = await replayLog({
      bus,
      config: running ?? config,
      influx,
      into,
      from: flags.from === 'checkpoint' ? 'checkpoint' : await logPosition(bus, '--from', flags.from),
      until: flags.to === undefined ? null : await logPosition(bus, '--to', flags.to),
      trial: flags.config === undefined ? null : await withSchemas(bus, processingConfig(config)),
      signal: stopping.signal,
      onProgress: (now) => {
        if (terminal.isJson) terminal.json({ event: 'progress', ...now });
        else line.set(replayLine(terminal.errStyle, now), Date.now());
      },
      onNote: (text) => {
        if (terminal.isJson) terminal.json({ event: 'note', text });
        else line.above(labelled(terminal.errStyle, 'note', text));
      },
    });
    line.clear();
    if (terminal.isJson) terminal.json({ event: 'done', into, ...figures });
    else terminal.out(replayedLine(terminal.style, figures, into));
    return figures.refused > 0 ? 1 : 0;
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    return 130;
  } finally {
    line.end();
    signals.dispose();
    await servers[Symbol.asyncDispose]();
  }
}
