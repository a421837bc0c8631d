import { Drawer } from '../parts/drawer.tsx';
import { keysShown, singleKeys, switchSingleKeys } from './keys.ts';

const groups = [
  {
    name: 'Everywhere',
    keys: [
      ['?', 'these keys'],
      ['/', 'search'],
      ['g o', 'overview'],
      ['g d', 'devices'],
      ['g a', 'alerts'],
      ['g w', 'webhooks'],
      ['g q', 'quarantine'],
      ['Esc', 'back out'],
    ],
  },
  {
    name: 'Lists',
    keys: [
      ['j k', 'next, previous'],
      ['Enter', 'open'],
      ['.', 're-sort'],
    ],
  },
  {
    name: 'Charts',
    keys: [
      ['l', 'live'],
      ['[ ]', 'pan half a range'],
      ['+ -', 'zoom'],
      ['0', 'reset'],
      ['← →', 'cursor by reading, Shift by ten'],
      ['t', 'table'],
    ],
  },
] as const;

export function KeysDialog() {
  if (!keysShown.value) return null;
  return (
    <Drawer kind="dialog" title="Keys" onClose={() => (keysShown.value = false)}>
      <div class="keys">
        {groups.map((group) => (
          <section key={group.name}>
            <h3>{group.name}</h3>
            <dl class="dl left">
              {group.keys.map(([keys, what]) => (
                <>
                  <dt key={keys}>
                    {keys.split(' ').map((one) => (
                      <kbd key={one}>{one}</kbd>
                    ))}
                  </dt>
                  <dd>{what}</dd>
                </>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label class="foot">
        <input
          type="checkbox"
          checked={singleKeys.value}
          onChange={(event) => switchSingleKeys(event.currentTarget.checked)}
        />
        Single keys do something
      </label>
    </Drawer>
  );
}
