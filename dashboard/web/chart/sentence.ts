/** What a chart shows, for those who hear it. */
export function chartSentence(chart: {
  readonly name: string;
  readonly of: string;
  readonly span: string;
  readonly low: string | null;
  readonly high: string | null;
  readonly now: string | null;
  readonly unit: string;
  /** "firing since 10:38:50", or empty. */
  readonly state: string;
}): string {
  const subject = chart.of === '' ? chart.name : `${chart.name} of ${chart.of}`;
  if (chart.low === null || chart.high === null) return `${subject}, ${chart.span}: no readings`;
  const unit = chart.unit === '' ? '' : ` ${chart.unit}`;
  const now = chart.now === null ? '' : `, now ${chart.now}`;
  return `${subject}, ${chart.span}: ${chart.low} to ${chart.high}${unit}${now}${chart.state === '' ? '' : `, ${chart.state}`}`;
}
