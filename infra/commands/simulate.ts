import { accessSync, constants } from 'node:fs';
import { loadConfig } from '../config/load.ts';
import { parseDurationMs } from '../config/units.ts';
import { listenForStop } from '../supervisor/stop-signals.ts';
import { labelled } from '../terminal/labelled.ts';
import { withoutSecret } from '../terminal/shown-url.ts';
import { createLiveLine } from '../terminal/live-line.ts';
import { countText, durationText, rateText } from '../terminal/quantities.ts';
import { type SimulationFigures, simulationLine } from '../terminal/simulation-lines.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { wholeNumber } from './whole-number.ts';

/** Flags as the command line gives them. */
export interface SimulateFlags {
  readonly devices: string;
  readonly rate: string;
  readonly seed?: string;
  readonly faults?: string;
  readonly duration?: string;
  readonly csv?: string;
  readonly speed: string;
  readonly originalTime?: boolean;
  readonly url?: string;
  readonly acks?: string;
}

/** What the simulators offer; the command line brings the two together. */
export interface Simulators<Rates> {
  parseFaults(text: string): Rates;
  simulate(options: {
    readonly url: string;
    readonly devices: number;
    readonly rate: number;
    readonly seed: number;
    readonly faults: Rates;
    readonly durationMs?: number | undefined;
    readonly csv?: { readonly file: string; readonly speed: number; readonly originalTime: boolean } | undefined;
    readonly acksFile?: string | undefined;
    readonly signal: AbortSignal;
    readonly onProgress: (figures: SimulationFigures) => void;
  }): Promise<SimulationFigures>;
}

/**
 * `millrace simulate`: exit code 0 when all that was published is acknowledged, 1 when not, 130 after Ctrl-C.
 * @throws UsageError for flags that make no sense
 */
export async function simulate<Rates>(
  terminal: Terminal,
  flags: SimulateFlags,
  { parseFaults, simulate: run }: Simulators<Rates>,
): Promise<number> {
  const options = {
    url: flags.url === undefined ? configuredUrl() : brokerUrl(flags.url),
    devices: wholeNumber('--devices', flags.devices, 1, 100_000),
    rate: positive('--rate', flags.rate),
    seed:
      flags.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber('--seed', flags.seed, 0, 2 ** 32),
    faults: usage('--faults', () => parseFaults(flags.faults ?? '')),
    durationMs: flags.duration === undefined ? undefined : duration(flags.duration),
    csv:
      flags.csv === undefined
        ? undefined
        : {
            file: readableFile('--csv', flags.csv),
            speed: positive('--speed', flags.speed),
            originalTime: flags.originalTime === true,
          },
    acksFile: flags.acks,
  };
  if (!terminal.isJson) terminal.err(header(terminal, options, flags));
  const line = createLiveLine(process.stderr);
  const signals = listenForStop();
  const stopping = new AbortController();
  let stoppedBy: NodeJS.Signals | null = null;
  void signals.first.then((signal) => {
    stoppedBy = signal;
    stopping.abort();
  });
  signals.onSecondInterrupt(() => process.exit(130));
  const onProgress = (figures: SimulationFigures) => {
    if (terminal.isJson) terminal.json({ event: 'progress', ...figures });
    else line.set(simulationLine(terminal.errStyle, figures), Date.now());
  };
  const total = await run({ ...options, signal: stopping.signal, onProgress });
  signals.dispose();
  line.end();
  const missing = total.published - total.acknowledged;
  if (terminal.isJson) terminal.json({ event: 'done', seed: options.seed, ...total });
  else {
    const { style } = terminal;
    terminal.out(simulationLine(style, total));
    terminal.out(
      `  seed ${style.bold(String(options.seed))}${missing > 0 ? `, ${style.red(`${countText(missing)} not acknowledged`)}` : ''}`,
    );
  }
  if (stoppedBy === 'SIGINT') return 130;
  return missing > 0 ? 1 : 0;
}

function header(
  { errStyle }: Terminal,
  options: { url: string; devices: number; rate: number; seed: number; durationMs?: number | undefined },
  flags: SimulateFlags,
): string {
  const what =
    flags.csv === undefined
      ? `${countText(options.devices)} devices, ${rateText(options.rate)}, seed ${options.seed}`
      : `${flags.csv}, ${flags.speed} times as fast${flags.originalTime ? '' : ', times shifted to end now'}, seed ${options.seed}`;
  const ending = options.durationMs === undefined ? 'until Ctrl-C' : `for ${durationText(options.durationMs)}`;
  return [
    labelled(errStyle, 'simulate', `${what}, ${ending}`),
    labelled(errStyle, 'to', errStyle.cyan(withoutSecret(options.url))),
    ...(flags.faults === undefined ? [] : [labelled(errStyle, 'faults', flags.faults)]),
    '',
  ].join('\n');
}

function brokerUrl(text: string): string {
  if (URL.canParse(text) && /^(mqtts?|wss?):$/.test(new URL(text).protocol)) return text;
  throw new UsageError(`--url must be the address of a broker such as mqtt://127.0.0.1:1883, is "${text}"`);
}

function readableFile(flag: string, file: string): string {
  try {
    accessSync(file, constants.R_OK);
    return file;
  } catch (cause) {
    throw new UsageError(`${flag}: ${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

/** The broker of the configuration in this directory. */
function configuredUrl(): string {
  const loaded = loadConfig({ env: process.env });
  if ('problems' in loaded) return 'mqtt://127.0.0.1:1883';
  const { host, port } = loaded.config.mqtt;
  return `mqtt://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
}

function usage<T>(flag: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new UsageError(`${flag}: ${(cause as Error).message}`, { cause });
  }
}

function positive(flag: string, text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new UsageError(`${flag} must be a number above 0, is "${text}"`);
}

function duration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms !== null && ms > 0) return ms;
  throw new UsageError(`--duration must be a duration such as 30s or 5m, is "${text}"`);
}
