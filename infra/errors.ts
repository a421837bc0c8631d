/** A failure with a code that the docs explain. `message` says what, where and what to do. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The catalogue. A test keeps `docs/errors.md` equal to it. */
export const errorCodes = {
  CONFIG_INVALID: 'The configuration has mistakes; each is listed with its path.',
  CONFIG_UNREADABLE: 'The configuration file cannot be read or is not YAML.',
  PORT_TAKEN: 'Another program listens on a port that Millrace needs.',
  SERVER_NOT_FOUND: 'No usable nats-server or influxd was found, and none could be set up.',
  TOOL_NOT_FOUND: 'A program that tests run against was not found, and could not be set up.',
  SERVER_FAILED: 'A managed server did not start, or is not the one that was started.',
  ALREADY_RUNNING: 'Another Millrace uses the same data directory.',
  DATA_NOT_WRITABLE: 'The data directory cannot be written: rights, a read-only or a full disk.',
  KEEPS_DYING: 'A process died again and again shortly after its start.',
  PARTITIONS_FIXED: 'log.partitions differs from the number that the log was created with.',
  LOG_UNAVAILABLE: 'The log (NATS JetStream) cannot be reached or refuses.',
  LOG_FORMAT: 'A message in the log is of a format this version does not know.',
  LOG_GAP: 'Messages that a reader had not read are gone from the log.',
  FENCED: 'Somebody else wrote to a subject that has one writer: the lease is lost.',
  CHECKPOINT_UNREADABLE: 'A checkpoint cannot be read by this version.',
  STORAGE_UNAVAILABLE: 'InfluxDB cannot be reached or refuses.',
  CHANGE_REFUSED:
    'A change of the configuration, or a replay, cannot be as asked: state cannot be kept, or the log no longer reaches there.',
  PROCESSOR_FAILED: 'A custom processor threw, emitted late, or could not be loaded.',
  TARGET_REFUSED: 'A webhook points to an address that is not allowed.',
  API_UNREACHABLE: 'No dashboard answers at the address that a command asks.',
  API_REFUSED: 'The dashboard refused what a command asked of it.',
  BROKER_LOST: 'The MQTT broker cannot be reached.',
} as const;

export type ErrorCode = keyof typeof errorCodes;
