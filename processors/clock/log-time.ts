/** Where the log's time stands at a message, us. */
export interface LogTime {
  /** The log's clock: the message's timestamp. */
  readonly nowUs: number;
  /** Time that passed while Millrace was listening. */
  readonly elapsedUs: number;
}
