import type { Generation, Run } from '../../../client/index.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { changeQuery } from '../../location.ts';
import { nameOf } from './outputs.ts';

/** Which output a part of the page shows; nothing where there is only one. */
export const OutputChoice = ({ run, output }: { run: Run; output: Generation }) =>
  run.generations.length < 2 ? null : (
    <label class="row small output-choice">
      <span class="muted">Output</span>
      <select
        value={output.index}
        onChange={({ currentTarget }) => changeQuery({ generation: currentTarget.value, token: null })}
      >
        {run.generations.map((each) => (
          <option key={each.index} value={each.index}>
            {shownLine(nameOf(each, run))}
          </option>
        ))}
      </select>
    </label>
  );
