import type { Transition } from '../../events/alert.ts';
import type { Terminal } from '../commands/terminal.ts';
import type { Config } from '../config/schema.ts';
import { describeEvent } from '../supervisor/event-text.ts';
import type { SupervisorEvent } from '../supervisor/supervisor.ts';
import { hanging, labelled } from '../terminal/labelled.ts';
import { createLiveLine } from '../terminal/live-line.ts';
import { clockText } from '../terminal/quantities.ts';
import { type StatusFigures, statusLine } from '../terminal/status-line.ts';
import type { Style } from '../terminal/style.ts';
import type { Problem } from './pipeline-status.ts';
import { ProblemLines } from './problem-lines.ts';
import { transitionLine } from '../terminal/transition-line.ts';

/** Behind `  10:38:50  `. */
const clockIndent = 12;
/** Transitions shown per second; a flood of them is counted instead. */
const transitionsPerSMax = 10;

/** What `up` shows: results on stdout, the rewritten line and what goes wrong on stderr; or all of it as JSON. */
export interface Screen {
  /** For what is said. */
  readonly style: Style;
  event(event: SupervisorEvent): void;
  transition(transition: Transition): void;
  /** Once a second. Problems are said when they begin and when they end. */
  status(figures: StatusFigures, problems: readonly Problem[]): void;
  /** A line of stdout above the status line. */
  say(text: string): void;
  progress(text: string): void;
  /** The start is over: what is said next takes the place of its progress. */
  started(): void;
  end(): void;
}

export function createScreen(terminal: Terminal, config: Config): Screen {
  const { style, errStyle, isJson } = terminal;
  const line = createLiveLine(process.stderr, !isJson && process.stderr.isTTY);
  const units = new Map(config.fields.filter(({ topic }) => topic === undefined).map(({ name, unit }) => [name, unit]));
  const unitOf = (field: string) => units.get(field) ?? '';
  let shownThisSecond = 0;
  let heldBack = 0;
  let lastJsonStatusMs = 0;
  const problemLines = new ProblemLines();
  const warn = (text: string) =>
    line.above(hanging(errStyle, `  ${errStyle.dim(clockText(Date.now()))}  `, clockIndent, text));

  return {
    style,
    event(event) {
      if (isJson) return terminal.json({ ...event, event: `process-${event.kind}`, kind: undefined });
      const text = describeEvent(withLastWords(event));
      if (text === null || event.kind === 'given-up') return;
      warn(event.kind === 'ready' || event.kind === 'orphan-stopped' ? text : errStyle.yellow(text));
    },
    transition(transition) {
      if (transition.notify === null) return;
      if (isJson) return terminal.json({ event: 'transition', ...transition });
      if (shownThisSecond++ >= transitionsPerSMax) heldBack++;
      else line.above(transitionLine(style, transition, unitOf)!, process.stdout);
    },
    status(figures, problems) {
      if (heldBack > 0) line.above(`            and ${heldBack} more`, process.stdout);
      shownThisSecond = 0;
      heldBack = 0;
      const nowMs = Date.now();
      if (isJson) {
        if (nowMs - lastJsonStatusMs < 10_000) return;
        lastJsonStatusMs = nowMs;
        return terminal.json({ event: 'status', ...figures, problems: problems.map(({ text }) => text) });
      }
      const { begun, over } = problemLines.next(problems, nowMs);
      for (const text of begun) warn(errStyle.red(text));
      for (const text of over) warn(`over: ${text}`);
      line.set(statusLine(errStyle, figures, process.stderr.columns ?? 120), nowMs);
    },
    say(text) {
      if (!isJson) line.above(text, process.stdout);
    },
    progress(text) {
      if (!isJson && process.stderr.isTTY) {
        const oneLine = { ...errStyle, columns: Infinity }; // What is rewritten is cut, not wrapped.
        line.set(labelled(oneLine, 'starting', text), Date.now());
      }
    },
    started() {
      line.clear();
    },
    end() {
      line.end();
    },
  };
}

/** Of a process that died by itself, what it said last: the sentences of its log. One that was killed said nothing about it. */
function withLastWords(event: SupervisorEvent): SupervisorEvent {
  if (event.kind !== 'died') return event;
  return { ...event, lastLines: event.why.startsWith('signal') ? [] : event.lastLines.map(logSentence) };
}

/** The message of a line of JSON with that of its error, other lines as they are. */
function logSentence(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return [msg, err?.message].filter(Boolean).join(': ') || line;
  } catch {
    return line; // Not JSON: written by something else than our logger.
  }
}
