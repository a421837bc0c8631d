import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/** JSON lines on stdout, which the supervisor appends to `<data>/logs/<process>.log`. Level by MILLRACE_LOG_LEVEL. */
export function createLogger(
  process_: string,
  level = process.env['MILLRACE_LOG_LEVEL'] ?? 'info',
  destination: DestinationStream = pino.destination(1),
): Log {
  const options = {
    level,
    base: { process: process_, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    // An Error under another key than `err` would be written as {}.
    serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
  };
  return pino(options, destination);
}
