import { useSignal } from '@preact/signals';
import type { CommandBody, CommandsAnswer } from '../../../../events/api-commands.ts';
import type { CommandView } from '../../../../events/command.ts';
import { post } from '../../api/request.ts';
import { useResource } from '../../api/resource.ts';
import { Mark } from '../../parts/marks.tsx';
import { moment } from '../../words/times.ts';
import { commandMark, commandText, payloadOf } from './command-words.ts';

/** While one is under way its steps are asked for so often, ms. */
const openMs = 1_000;
const quietMs = 10_000;
const shownMax = 8;

/** What the device was asked to do, and a form to ask. Without a topic of commands for it: nothing. */
export function Commands({ deviceKey, nowMs }: { deviceKey: string; nowMs: number }) {
  const path = `/devices/${encodeURIComponent(deviceKey)}/commands`;
  const everyMs = useSignal(quietMs);
  const { value, failure, reload } = useResource<CommandsAnswer>(
    path,
    { limit: shownMax },
    { keep: true, everyMs: everyMs.value },
  );
  const answer = value.value;
  if (answer === null || (answer.templates.length === 0 && answer.items.length === 0)) return null;
  const isUnderWay = answer.items.some(({ state }) => state === 'requested' || state === 'sent');
  const wanted = isUnderWay ? openMs : quietMs;
  if (everyMs.peek() !== wanted) queueMicrotask(() => (everyMs.value = wanted));
  return (
    <>
      <header class="sec-h">
        <h2>Commands</h2>
        <span class="grow" />
        {failure.value !== null && <span class="sub">{failure.value.message}</span>}
      </header>
      {answer.templates.length > 0 && <CommandForm path={path} onSent={() => void reload()} />}
      {answer.items.length > 0 && (
        <ul class="alist">
          {answer.items.map((item) => (
            <CommandItem key={item.id} item={item} nowMs={nowMs} />
          ))}
        </ul>
      )}
    </>
  );
}

function CommandForm({ path, onSent }: { path: string; onSent: () => void }) {
  const problem = useSignal('');
  const isSending = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const text = (name: string) => (form.elements.namedItem(name) as HTMLInputElement).value.trim();
    const body: CommandBody = { command: text('command'), ...payloadOf(text('payload')) };
    isSending.value = true;
    const result = await post<CommandView>(path, body);
    isSending.value = false;
    problem.value = result.ok ? '' : result.failure.message;
    if (result.ok) form.reset();
    onSent();
  };
  return (
    <form class="command-form" onSubmit={(event) => void submit(event)}>
      <label class="inp">
        <input name="command" placeholder="command" aria-label="Command" required maxLength={128} pattern="[^/+#$]+" />
      </label>
      <label class="inp">
        <input name="payload" placeholder="payload" title="JSON or text" aria-label="Payload" maxLength={8_000} />
      </label>
      <button class="btn" type="submit" disabled={isSending.value}>
        Send
      </button>
      {problem.value !== '' && (
        <p class="why" role="alert">
          {problem.value}
        </p>
      )}
    </form>
  );
}

function CommandItem({ item, nowMs }: { item: CommandView; nowMs: number }) {
  const last = item.steps.at(-1)!;
  return (
    <li title={`id ${item.id} on ${item.topic}`}>
      <Mark kind={commandMark(item.state)} label={item.state} />
      <span class="t">{item.command}</span>
      <span class="r">{moment(last.atUs / 1000, nowMs)}</span>
      <span class="m">{commandText(item)}</span>
    </li>
  );
}
