import type { TransformFigures } from '../../../../events/pipeline.ts';
import { narrow } from '../../parts/narrow.ts';
import { everyDigit } from '../../words/numbers.ts';
import { pluralCount } from '../../words/plurals.ts';

const gone = 'no longer in the configuration';

/** What each transform left out, folded up under the ledger whose `filtered` it explains. Nothing without transforms. */
export function Transforms({ transforms }: { transforms: readonly TransformFigures[] }) {
  if (transforms.length === 0) return null;
  const filtered = transforms.reduce((sum, one) => sum + one.filtered, 0);
  return (
    <details class="transforms">
      <summary>
        <span class="strong">Transforms</span>
        <span class="dim">
          {pluralCount(transforms.length, 'transform')}, {pluralCount(filtered, 'reading')} filtered
        </span>
      </summary>
      {narrow.value ? <TransformList transforms={transforms} /> : <TransformTable transforms={transforms} />}
    </details>
  );
}

/** On a phone: what was counted under the name, and no zeros but that of filtered. */
function TransformList({ transforms }: { transforms: readonly TransformFigures[] }) {
  return (
    <ul class="alist plain">
      {transforms.map((one) => (
        <li key={one.name}>
          <span class="t">{one.name}</span>
          <span class="m">
            {[
              one.does ?? gone,
              `${everyDigit(one.filtered)} filtered`,
              ...(one.fields > 0 ? [`${everyDigit(one.fields)} values left out`] : []),
              ...(one.notFinite > 0 ? [`${everyDigit(one.notFinite)} without a number`] : []),
              ...(one.unmatched > 0 ? [`${everyDigit(one.unmatched)} without a row`] : []),
            ].join(', ')}
          </span>
        </li>
      ))}
    </ul>
  );
}

function TransformTable({ transforms }: { transforms: readonly TransformFigures[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Transform</th>
          <th scope="col">Does</th>
          <th scope="col" class="num" title="Readings of which nothing was left">
            Readings filtered
          </th>
          <th scope="col" class="num" title="Values left out of readings that go on">
            Values left out
          </th>
          <th scope="col" class="num" title="Results that were no finite number, as of a division by zero">
            No number
          </th>
          <th scope="col" class="num" title="Readings that the table has no row for">
            No row
          </th>
        </tr>
      </thead>
      <tbody>
        {transforms.map((one) => (
          <tr key={one.name}>
            <th scope="row" class="plain strong">
              {one.name}
            </th>
            <td class="dim clip" title={one.does ?? undefined}>
              {one.does ?? gone}
            </td>
            {[one.filtered, one.fields, one.notFinite, one.unmatched].map((count, i) => (
              <td key={i} class={count === 0 ? 'num faint' : 'num'}>
                {everyDigit(count)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
