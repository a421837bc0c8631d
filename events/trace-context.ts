/** Trace context of a message, as W3C Trace Context level 1 writes it: the text of its two headers. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate: string | null;
}

/** Version 00; later versions may append `-...`, which is kept. Section 3.2.2. */
const traceparentPattern =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[\x21-\x7e]{0,64})?$/;
/** Section 3.3.1.5: at least so many characters are passed on; more are dropped as a whole. */
const tracestateCharsMax = 512;
const printable = /^[\x20-\x7e\t]+$/;

/**
 * The trace context that two headers (or MQTT 5 user properties) give; null when `traceparent` is absent or not valid.
 * What it says is the sender's: it is carried, never trusted.
 */
export function traceContext(traceparent: string | undefined, tracestate: string | undefined): TraceContext | null {
  if (traceparent === undefined || !traceparentPattern.test(traceparent)) return null;
  const isKept = tracestate !== undefined && tracestate.length <= tracestateCharsMax && printable.test(tracestate);
  return { traceparent, tracestate: isKept ? tracestate : null };
}
