import { z } from 'zod';
import type { CommandBody, CommandsAnswer } from '../../../events/api-commands.ts';
import type { CommandView } from '../../../events/command.ts';
import { commandStates } from '../../../events/record.ts';
import { timeUs } from './parts.ts';

const state = z.enum(commandStates);

export const commandView: z.ZodType<CommandView> = z.object({
  id: z.string(),
  device: z.string(),
  command: z.string(),
  topic: z.string(),
  state,
  attemptsMax: z.int(),
  deadlineUs: timeUs,
  steps: z.array(z.object({ state, atUs: timeUs, attempt: z.int(), client: z.string(), detail: z.string() })),
});

export const commandsAnswer: z.ZodType<CommandsAnswer> = z.object({
  items: z.array(commandView),
  templates: z.array(z.string()),
});

export const commandId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _');

export const commandBody: z.ZodType<CommandBody> = z.strictObject({
  command: z
    .string()
    .regex(/^[^/+#$\p{Cc}]{1,128}$/u, 'must be one topic level of 1 to 128 characters, without / + # $'),
  payload: z.string().optional(),
  json: z.unknown().optional(),
  timeout: z.string().max(16).optional().describe('such as 30s; from 1s to 7d'),
  attempts: z.int().min(1).max(20).optional(),
  id: commandId.optional(),
  client: z.string().min(1).max(128).optional(),
});
