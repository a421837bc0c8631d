/** What one client may send. Over MQTT it is not read for a while above a rate, over HTTP it is answered with 429. */
export interface ClientRates {
  /** Publishes, subscriptions and pings; a second's worth may come at once. */
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /**
   * Publishes that are not in the log yet; with so many open it is not read. So one that floods waits for itself, and
   * readers that remember a client's last 256 QoS 1 and 2 publishes know each retransmission.
   */
  readonly unacknowledgedMax: number;
}
