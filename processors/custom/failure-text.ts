import type { ProcessorFailure } from '../step.ts';

/** The alarm about a stopped processor: what happened, and the reading that did it, so that it can be found. */
export function failureText({ processor, message, reading }: ProcessorFailure): string {
  const text = `Processor ${processor} was stopped: ${message}`;
  if (reading === null) return `${text}.`;
  const { key, timeUs, origin } = reading;
  const time = new Date(timeUs / 1000).toISOString();
  return `${text}. Its last reading: ${key} at ${time} (partition ${origin.partition}, message ${origin.sequence}, record ${origin.index}).`;
}
