import { compileCommandTemplate, templateCovers, templatesOverlap } from '../../events/command-topics.ts';
import { type Entry, type Say, entries } from './check-entries.ts';
import { defaultTopics } from './topic-schema.ts';
import { parseDurationMs } from './units.ts';

/** Topics of commands: that they can be made, acknowledged, and are nobody else's. */
export function checkCommands(raw: Entry, say: Say): void {
  const readings = entries(raw['topics'] ?? defaultTopics).flatMap(([, { template }]) =>
    typeof template === 'string' ? [template] : [],
  );
  const commands = entries(raw['commands']);
  const templates = commands.flatMap(([, { template }]) => (typeof template === 'string' ? [template] : []));
  for (const [i, command] of commands) {
    const { template, answerTemplate, acknowledge, qos, timeout } = command;
    if (typeof timeout === 'string' && (parseDurationMs(timeout) ?? 1_000) < 1_000)
      say(['commands', i, 'timeout'], `must be at least 1s, is ${timeout}`);
    if (qos === 0 && acknowledge !== 'answer')
      say(['commands', i, 'qos'], 'of 0 is never acknowledged by a PUBACK: set 1, or acknowledge: answer');
    if (answerTemplate !== undefined && acknowledge !== 'answer')
      say(['commands', i, 'answerTemplate'], 'is for acknowledge: answer');
    if (typeof template !== 'string') continue;
    const route = compiled(template, ['commands', i, 'template'], say);
    refuseCovering(template, readings, ['commands', i, 'template'], say);
    if (acknowledge !== 'answer') continue;
    const answers = typeof answerTemplate === 'string' ? answerTemplate : `${template}/answer`;
    const path = ['commands', i, answerTemplate === undefined ? 'template' : 'answerTemplate'];
    refuseCovering(answers, readings, path, say);
    const taken = templates.find((other) => templatesOverlap(answers, other));
    if (taken !== undefined) say(path, `has answers on ${answers}, which could be commands on ${taken}`);
    if (typeof answerTemplate !== 'string') continue;
    const answered = compiled(answerTemplate, path, say);
    if (route !== null && answered !== null && answered.join() !== route.join())
      say(path, `must name the device as template does: by {${route.join('}, {')}} in this order`);
  }
}

function compiled(template: string, path: (string | number)[], say: Say): readonly string[] | null {
  try {
    return compileCommandTemplate(template).route;
  } catch (cause) {
    say(path, (cause as Error).message);
    return null;
  }
}

/** What is published there would be refused, or taken for an answer, and never become a reading. */
function refuseCovering(template: string, readings: readonly string[], path: (string | number)[], say: Say): void {
  const reading = readings.find((other) => templateCovers(template, other));
  if (reading !== undefined)
    say(path, `takes all topics of readings on ${reading}: add a level that only it has, such as /commands/`);
}
