import type { AlertState, Transition, UnknownReason } from '../../../events/alert.ts';
import type { Origin } from '../../../events/record.ts';
import type { ProcessingConfig, RuleConfig, WindowConfig } from '../../../infra/config/schema.ts';
import type { Moment } from './log-time.ts';

/** Something that a rule judges. */
export interface Evidence {
  readonly value: number;
  readonly timeUs: number;
  readonly index: number;
  /** The message it came with, where that is not the one it is judged in. */
  readonly sequence?: number | undefined;
}

/** A transition as the specification gives it, without its id and its words. */
export type ExpectedTransition = Omit<Transition, 'id' | 'device' | 'tags' | 'severity' | 'condition' | 'origin'> & {
  readonly origin: Pick<Origin, 'sequence' | 'index'>;
};

/** A rule, and the window whose results it judges, or the join. */
export interface Judge {
  readonly rule: RuleConfig;
  readonly window: WindowConfig | null;
  readonly join: ProcessingConfig['joins'][number] | null;
}

/** The alert of one rule on one device: ok, pending, firing, unknown (design 4.4, `events/alert.ts`). */
export class Alert {
  readonly said: ExpectedTransition[] = [];
  #rule: RuleConfig;
  #staleUs: number;
  readonly #key: string;
  readonly #maxAgeUs: (at: Moment) => number;
  #state: AlertState = 'unknown';
  /** The last judged, with the log's elapsed at it. */
  #judged: { readonly evidence: Evidence; readonly elapsedUs: number } | null = null;
  #pendingSinceUs = 0;
  /** A firing that has not ended in ok. */
  #open = false;
  #beganUs = 0;
  /** Subscribers were last told that it fires. */
  #told = false;
  #lastJudgedUs = 0;
  #threshold = 0;

  /** @param before the alert of the rule that this one follows: what its subscribers were told is remembered. */
  constructor({ rule, window }: Judge, key: string, maxAgeUs: (at: Moment) => number, before?: Alert) {
    this.#rule = rule;
    this.#key = key;
    this.#maxAgeUs = maxAgeUs;
    this.#staleUs = staleUs({ rule, window });
    if (before === undefined || !before.#told) return;
    this.#told = true;
    this.#open = before.#open;
    this.#beganUs = before.#beganUs;
    this.#threshold = before.#threshold;
  }

  /** It has been judged, or was handed on. */
  get exists(): boolean {
    return this.#judged !== null || this.#told;
  }

  /** What it has come to is of a rebuild: subscribers know what the rule before has told them. */
  remember(before: Alert | undefined): void {
    this.said.length = 0;
    this.#told = before !== undefined && before.#told;
  }

  /** It goes on under another rule: under its times from now on, under its limits with what is held against them next. */
  follow(judge: Judge): void {
    this.#rule = judge.rule;
    this.#staleUs = staleUs(judge);
  }

  /** It is over: what comes of it after that begins anew. */
  end(at: Moment, why: UnknownReason): void {
    this.retire(at, false, why);
    [this.#state, this.#judged, this.#open, this.#told] = ['unknown', null, false, false];
    [this.#pendingSinceUs, this.#beganUs, this.#lastJudgedUs, this.#threshold] = [0, 0, 0, 0];
  }

  /** A message: what a gap hides is unknown, time passes, the device may be forgotten, what it brought is judged. */
  pass(at: Moment, forgotten: boolean, evidence: readonly Evidence[]): void {
    this.meetGap(at);
    const staleAtUs = (this.#judged?.elapsedUs ?? 0) + this.#staleUs;
    const firesAtUs = this.#pendingSinceUs + this.#rule.for * 1e3;
    if (this.#state === 'pending' && at.elapsedUs >= firesAtUs && firesAtUs < staleAtUs) {
      const { value } = this.#judged!.evidence;
      this.#threshold = this.#limitFor(value);
      this.#move(this.#isBeyond(value) ? 'firing' : 'ok', value, at.nowUs, at, -1);
    }
    if (at.elapsedUs >= staleAtUs) this.#becomeUnknown(at, 'silence');
    const isLast = ({ index }: Evidence) => forgotten && index === -1;
    for (const one of evidence.filter(isLast)) this.#judge(one, at);
    if (forgotten) this.end(at, 'forgotten');
    for (const one of evidence.filter((some) => !isLast(some))) this.#judge(one, at);
  }

  /** What a gap before the message hides is unknown, whatever the message is. */
  meetGap(at: Moment): void {
    if (at.gap !== null) this.#becomeUnknown(at, 'gap');
  }

  #becomeUnknown(at: Moment, why: UnknownReason): void {
    if (this.#state !== 'unknown') this.#move('unknown', null, at.nowUs, at, -1, { why });
  }

  /** The rule is edited (`goesOn`) or gone: it is unknown, and who was told that it fires is told of its end. */
  retire(at: Moment, goesOn: boolean, why: UnknownReason): void {
    if (!this.exists) return;
    const ends = !goesOn && this.#told;
    const last = this.#transition('unknown', null, at.nowUs, at, { sequence: at.sequence, index: -1 }, why);
    if (ends) this.said.push({ ...last, historical: false, notify: 'resolved' });
    else this.#becomeUnknown(at, why);
  }

  #judge(evidence: Evidence, at: Moment): void {
    const { value, timeUs, index, sequence } = evidence;
    if (timeUs <= this.#lastJudgedUs) return;
    this.#judged = { evidence, elapsedUs: at.elapsedUs };
    this.#lastJudgedUs = timeUs;
    const { above, clear } = this.#rule;
    const beyond = this.#isBeyond(value);
    const cleared = clear === undefined ? !beyond : above !== undefined ? value < clear : value > clear;
    this.#threshold = this.#limitFor(value);
    const beyondState = this.#rule.for === 0 ? 'firing' : 'pending';
    const to = this.#state === 'firing' ? (cleared ? 'ok' : 'firing') : beyond ? beyondState : 'ok';
    if (to === 'pending' && this.#state !== 'pending') this.#pendingSinceUs = at.elapsedUs;
    this.#move(to, value, timeUs, at, index, { sequence });
  }

  #isBeyond(value: number): boolean {
    const { above, below, outside } = this.#rule;
    if (above !== undefined) return value > above;
    return below !== undefined ? value < below : value < outside![0] || value > outside![1];
  }

  #limitFor(value: number): number {
    const { above, below, outside } = this.#rule;
    const [low, high] = outside ?? [0, 0];
    return above ?? below ?? (Math.abs(value - low) < Math.abs(value - high) ? low : high);
  }

  #move(
    to: AlertState,
    value: number | null,
    timeUs: number,
    at: Moment,
    index: number,
    { sequence = at.sequence, why }: { readonly sequence?: number | undefined; readonly why?: UnknownReason } = {},
  ): void {
    const next = this.#transition(to, value, timeUs, at, { index, sequence }, why);
    if (to === this.#state && next.notify === null) return;
    this.#beganUs = this.#beginsAt(to, timeUs);
    this.#open = to === 'firing' || (to !== 'ok' && this.#open);
    this.#state = to;
    if (next.notify !== null) this.#told = next.notify === 'firing';
    this.said.push(next);
  }

  /** A pending begins an alert, or a firing without one; until it has ended it keeps its beginning. */
  #beginsAt(to: AlertState, timeUs: number): number {
    const runs = this.#open || this.#state === 'pending';
    return !runs && (to === 'pending' || to === 'firing') ? timeUs : this.#beganUs;
  }

  #transition(
    to: AlertState,
    value: number | null,
    timeUs: number,
    at: Moment,
    origin: ExpectedTransition['origin'],
    why?: UnknownReason,
  ): ExpectedTransition {
    const historical = this.#lastJudgedUs < at.nowUs - this.#maxAgeUs(at);
    const begins = to === 'firing' && !this.#told;
    const ends = to === 'ok' && this.#told;
    const concernsAlert = this.#open || this.#state === 'pending' || to === 'pending' || to === 'firing';
    return {
      rule: this.#rule.name,
      key: this.#key,
      field: this.#rule.field,
      from: this.#state,
      to,
      value,
      threshold: this.#threshold,
      timeUs,
      decidedAtUs: at.nowUs,
      sinceUs: concernsAlert ? this.#beginsAt(to, timeUs) : timeUs,
      historical,
      notify: historical ? null : begins ? 'firing' : ends ? 'resolved' : null,
      ...(why !== undefined && { why }),
      origin,
    };
  }
}

function staleUs({ rule, window }: Pick<Judge, 'rule' | 'window'>): number {
  return (rule.stale + (window?.size ?? window?.gap ?? 0)) * 1e3;
}
