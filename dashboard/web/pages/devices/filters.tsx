import type { DevicesAnswer } from '../../../../events/api.ts';
import { Mark } from '../../parts/marks.tsx';
import { count } from '../../words/numbers.ts';
import { useEffect, useRef } from 'preact/hooks';
import { termName, termsOf, termValue, withTerm, withoutTerm } from './terms.ts';

interface FiltersProps {
  readonly search: string;
  readonly answer: Omit<DevicesAnswer, 'items'> | null;
  readonly onSearch: (search: string) => void;
}

const typingMs = 250;
/** Tags offered as filters; the search box takes any. */
const tagsMax = 3;

/** The search box, a chip per term, and filters for what many ask. */
export function Filters({ search, answer, onSearch }: FiltersProps) {
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef(0);
  useEffect(() => {
    if (input.current !== null && document.activeElement !== input.current) input.current.value = search;
  }, [search]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const terms = termsOf(search);
  const offered = new Set(['is', ...(answer?.tags ?? []).slice(0, tagsMax).map(({ name }) => name)]);
  return (
    <div class="filters">
      <label class="inp search">
        <Mark kind="search" />
        <input
          ref={input}
          type="search"
          data-search
          aria-label="Search devices"
          placeholder="Name, tag or field: press, line:bake"
          defaultValue={search}
          onInput={(event) => {
            const { value } = event.currentTarget;
            clearTimeout(timer.current);
            timer.current = window.setTimeout(() => onSearch(value.trim()), typingMs);
          }}
        />
      </label>
      {(answer?.tags ?? []).slice(0, tagsMax).map(({ name, values }) => (
        <Choice
          key={name}
          label={name}
          value={termValue(search, name)}
          values={values}
          onChange={(value) => onSearch(withTerm(search, name, value))}
        />
      ))}
      <Choice
        label="state"
        value={termValue(search, 'is')}
        values={['alert', 'online', 'offline', 'stale', 'unknown', 'retired']}
        onChange={(value) => onSearch(withTerm(search, 'is', value))}
      />
      {terms.map((term, i) =>
        offered.has(termName(term) ?? '') ? null : (
          <span class="chip on" key={`${i} ${term}`}>
            <b>{term}</b>
            <button type="button" aria-label={`Remove ${term}`} onClick={() => onSearch(withoutTerm(search, i))}>
              <Mark kind="remove" />
            </button>
          </span>
        ),
      )}
      <span class="grow" />
      <span class="sub" aria-live="polite">
        {answer === null ? '' : `${count(answer.matched)} match`}
      </span>
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | null;
  readonly values: readonly string[];
  readonly onChange: (value: string | null) => void;
}

function Choice({ label, value, values, onChange }: ChoiceProps) {
  return (
    <label class={value === null ? 'chip' : 'chip on'}>
      {label}
      <select
        value={value ?? ''}
        onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
      >
        <option value="">any</option>
        {(value === null || values.includes(value) ? values : [value, ...values]).map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
      <Mark kind="down" />
    </label>
  );
}
