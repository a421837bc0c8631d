export interface InfluxConfig {
  port: number;
  directory: string;
}

/**
 * influxd's configuration file (TOML): loopback only, nothing reported home, no statistics about itself, no bound on
 * devices (ours are in the processors). The port for backups cannot be switched off, so it is any free one.
 */
export function influxConfigText({ port, directory }: InfluxConfig): string {
  const path = (name: string) => JSON.stringify(`${directory}/${name}`);
  return `reporting-disabled = true
bind-address = "127.0.0.1:0"

[meta]
  dir = ${path('meta')}
  logging-enabled = false

[data]
  dir = ${path('data')}
  wal-dir = ${path('wal')}
  query-log-enabled = false
  max-series-per-database = 0
  max-values-per-tag = 0

[coordinator]
  max-select-point = 0
  max-select-series = 0
  max-select-buckets = 0

[monitor]
  store-enabled = false

[subscriber]
  enabled = false

[continuous_queries]
  enabled = false

[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
  max-row-limit = 0
  max-body-size = 0

[logging]
  level = "warn"
  suppress-logo = true
`;
}
