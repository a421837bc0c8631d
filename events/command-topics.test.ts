import { describe, expect, it } from 'vitest';
import {
  commandTopic,
  compileCommandTemplate,
  matchCommandTopic,
  namesDevice,
  templateCovers,
  templatesOverlap,
} from './command-topics.ts';

const template = compileCommandTemplate('sensors/{site}/{device}/commands/{command}');

describe('topics of commands', () => {
  it('are made of a device key and read back to it', () => {
    const topic = commandTopic(template, 'plant%201/press-7', { command: 'reboot', id: 'c1' });
    expect(topic).toBe('sensors/plant 1/press-7/commands/reboot');
    expect(matchCommandTopic(template, topic!)).toEqual({ device: 'plant%201/press-7', command: 'reboot', id: null });
  });

  it('may hold the id and no command', () => {
    const withId = compileCommandTemplate('cmnd/{device}/{id}');
    expect(commandTopic(withId, 'lamp', { command: 'on', id: 'c1' })).toBe('cmnd/lamp/c1');
    expect(matchCommandTopic(withId, 'cmnd/lamp/c1')).toEqual({ device: 'lamp', command: null, id: 'c1' });
  });

  it.each([
    ['another number of levels', 'sensors/plant1/press-7'],
    ['another literal', 'sensors/plant1/press-7/answers/reboot'],
    ['an empty level', 'sensors//press-7/commands/reboot'],
  ])('%s: not a command', (_, topic) => expect(matchCommandTopic(template, topic)).toBeNull());

  it('a key with another number of parts has none', () =>
    expect(commandTopic(template, 'a/b/c', { command: 'x', id: '1' })).toBeNull());

  it.each([
    ['sensors/{site}/commands/{command}', 'needs a {device} placeholder'],
    ['a/{device}/{device}', 'placeholder {device} appears twice'],
    ['a/{device}/{field}', '{field} is for readings'],
    ['a/+/{device}', 'level "+" is neither a literal nor a {placeholder}'],
  ])('%s is refused', (text, message) => expect(() => compileCommandTemplate(text)).toThrow(message));
});

it.each([
  ['sensors/{site}/{device}/commands/{command}', 'sensors/{site}/{device}/{field}', false],
  ['sensors/{site}/{device}/{command}', 'sensors/{site}/{device}/{field}', true],
  ['sensors/{site}/{device}/set', 'sensors/{site}/{device}/{field}', true],
  ['sensors/{site}/{device}/set', 'sensors/{site}/{device}/get', false],
])('%s and %s: overlap %s', (a, b, expected) => expect(templatesOverlap(a, b)).toBe(expected));

it.each([
  ['sensors/{site}/{device}/{command}', 'sensors/{site}/{device}/{field}', true],
  ['sensors/{site}/{device}/set', 'sensors/{site}/{device}/{field}', false],
  ['sensors/{site}/{command}', 'sensors/{site}/{device}/{field}', false],
])('%s takes all of %s: %s', (a, b, expected) => expect(templateCovers(a, b)).toBe(expected));

it.each([
  ['sensors/plant1/press-7/commands/reboot', true],
  ['sensors/plant1/press-7/commands/+', true],
  ['sensors/plant1/press-7/#', true],
  ['sensors/plant1/+/commands/#', false],
  ['sensors/#', false],
  ['#', false],
])('%s names the device: %s', (filter, expected) =>
  expect(namesDevice(template, filter, 'sensors/plant1/press-7/commands/reboot')).toBe(expected),
);
