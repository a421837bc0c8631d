import { useSignal } from '@preact/signals';
import type { DeviceAnswer } from '../../../../events/api.ts';
import { labelCharsMax } from '../../../../events/life.ts';
import { post } from '../../api/request.ts';
import { Drawer } from '../../parts/drawer.tsx';
import { go } from '../../router/location.ts';
import { nameOf } from '../../words/presence.ts';

type Action = 'rename' | 'undo-rename' | 'replace' | 'undo-replace' | 'retire' | 'revive' | 'erase';

interface Form {
  readonly button: string;
  readonly title: (name: string) => string;
  /** What it does, and what it does not. */
  readonly says: string;
  /** What has to be typed; null: nothing. */
  readonly asks: string | null;
  readonly does: string;
}

const forms: Readonly<Record<Action, Form>> = {
  rename: {
    button: 'Rename',
    title: (name) => `Rename ${name}`,
    says: 'People see the new name. Key, topic and history stay; an empty one brings its own name back.',
    asks: 'Name',
    does: 'Rename',
  },
  'undo-rename': {
    button: 'Undo rename',
    title: (name) => `Undo the rename of ${name}`,
    says: 'It has the name again that it had before the last rename.',
    asks: null,
    does: 'Undo',
  },
  replace: {
    button: 'Replace',
    title: (name) => `Replace ${name}`,
    says: 'New hardware goes on with this history: what comes under its key from now on is a reading of this device. It can be undone.',
    asks: 'Key of the new hardware',
    does: 'Replace',
  },
  'undo-replace': {
    button: 'Undo replacement',
    title: (name) => `Undo the replacement of ${name}`,
    says: 'The new hardware is a device of its own again, from now on. What came in between stays in this history. An earlier replacement does not come back.',
    asks: null,
    does: 'Undo',
  },
  retire: {
    button: 'Retire',
    title: (name) => `Retire ${name}`,
    says: 'Rules and windows leave it out, its alerts end, and nobody waits for it. Readings that still come are stored. It can be revived.',
    asks: null,
    does: 'Retire',
  },
  revive: {
    button: 'Revive',
    title: (name) => `Revive ${name}`,
    says: 'Rules and windows take its readings again from now on.',
    asks: null,
    does: 'Revive',
  },
  erase: {
    button: 'Erase',
    title: (name) => `Erase ${name}`,
    says: 'All that is known of it goes, and all its readings and windows in InfluxDB. Nothing brings them back. The log holds its records until it is trimmed; alerts that were recorded stay in their list. If it sends again, it is a new device.',
    asks: 'Its key, to confirm',
    does: 'Erase for good',
  },
};

/** What people may do with a device, each asked for once more. */
export function LifeActions({ device, reload }: { device: DeviceAnswer; reload: () => void }) {
  const { life } = device.state;
  const chosen = useSignal<Action | null>(null);
  const offered: readonly Action[] = [
    'rename',
    ...(life.label === '' ? [] : (['undo-rename'] as const)),
    'replace',
    ...(life.replacedBy === null ? [] : (['undo-replace'] as const)),
    life.retired ? 'revive' : 'retire',
    'erase',
  ];
  return (
    <>
      <header class="sec-h">
        <h2>Device</h2>
      </header>
      <p class="acts">
        {offered.map((action) => (
          <button key={action} type="button" class="btn sm" onClick={() => (chosen.value = action)}>
            {forms[action].button}
          </button>
        ))}
      </p>
      {chosen.value !== null && (
        <LifeDialog
          key={chosen.value}
          device={device}
          action={chosen.value}
          onClose={() => (chosen.value = null)}
          reload={reload}
        />
      )}
    </>
  );
}

interface DialogProps {
  readonly device: DeviceAnswer;
  readonly action: Action;
  readonly onClose: () => void;
  readonly reload: () => void;
}

function LifeDialog({ device: { state }, action, onClose, reload }: DialogProps) {
  const form = forms[action];
  const text = useSignal(action === 'rename' ? state.life.label : '');
  const problem = useSignal('');
  const busy = useSignal(false);
  const send = async () => {
    if (busy.value) return;
    busy.value = true;
    const typed = text.value.trim();
    const body = {
      rename: { label: typed },
      'undo-rename': { of: 'rename' },
      replace: { by: typed },
      'undo-replace': { of: 'replace' },
      erase: { confirm: typed },
      retire: {},
      revive: {},
    };
    const route = action.startsWith('undo-') ? 'undo' : action;
    const result = await post<unknown>(`/devices/${encodeURIComponent(state.key)}/${route}`, body[action]);
    busy.value = false;
    if (!result.ok) {
      problem.value = result.failure.message;
      return;
    }
    onClose();
    if (action === 'erase') go('/devices');
    else reload();
  };
  const isReady = form.asks === null || action === 'rename' || text.value.trim() !== '';
  return (
    <Drawer kind="dialog" title={form.title(nameOf(state))} onClose={onClose}>
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <p>{form.says}</p>
        {form.asks !== null && (
          <label>
            <span class="dim">{form.asks}</span>
            <span class="inp">
              <input
                value={text.value}
                maxLength={action === 'rename' ? labelCharsMax : 4_096}
                placeholder={action === 'rename' ? state.device : state.key}
                onInput={(event) => (text.value = event.currentTarget.value)}
              />
            </span>
          </label>
        )}
        {problem.value !== '' && (
          <p class="crit" role="alert">
            {problem.value}
          </p>
        )}
        <p class="acts">
          <button
            type="submit"
            class={action === 'erase' ? 'btn danger' : 'btn primary'}
            disabled={busy.value || !isReady}
          >
            {form.does}
          </button>
          <button type="button" class="btn" onClick={onClose}>
            Cancel
          </button>
        </p>
      </form>
    </Drawer>
  );
}
