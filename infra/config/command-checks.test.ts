import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkCommands } from './command-checks.ts';
import { pathText } from './problem.ts';

function problems(yaml: string): string[] {
  const found: string[] = [];
  checkCommands(parse(yaml) as Record<string, unknown>, (path, message) => found.push(`${pathText(path)} ${message}`));
  return found;
}

const one = (text: string) => `commands: [{ ${text} }]`;

it.each<[string, string[]]>([
  [one(`template: 'a/{device}/do/{command}'`), []],
  [one(`template: 'a/{device}/do', acknowledge: answer, answerTemplate: 'b/{device}/{id}', qos: 0`), []],
  [one(`template: 'sensors/{site}/{device}/set'`), []],
  [
    one(`template: 'sensors/{site}/{device}/{command}'`),
    [
      'commands[0].template takes all topics of readings on sensors/{site}/{device}/{field}: add a level that only it has, such as /commands/',
    ],
  ],
  [one(`template: 'a/{command}'`), ['commands[0].template needs a {device} placeholder']],
  [
    one(`template: 'a/{device}/do', qos: 0`),
    ['commands[0].qos of 0 is never acknowledged by a PUBACK: set 1, or acknowledge: answer'],
  ],
  [
    one(`template: 'a/{device}/do', answerTemplate: 'b/{device}'`),
    ['commands[0].answerTemplate is for acknowledge: answer'],
  ],
  [one(`template: 'a/{device}/do', timeout: 10ms`), ['commands[0].timeout must be at least 1s, is 10ms']],
  [
    one(`template: 'a/{x}/{device}/do', acknowledge: answer, answerTemplate: 'b/{device}/{x}'`),
    ['commands[0].answerTemplate must name the device as template does: by {x}, {device} in this order'],
  ],
  [
    one(`template: 'a/{device}/{command}', acknowledge: answer, answerTemplate: 'a/{device}/done'`),
    ['commands[0].answerTemplate has answers on a/{device}/done, which could be commands on a/{device}/{command}'],
  ],
])('%s', (yaml, expected) => expect(problems(yaml)).toEqual(expected));
