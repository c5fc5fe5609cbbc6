import type { ComponentChildren } from 'preact';
import type { Generation, Run } from '../../../client/index.ts';
import { everytoken } from '../../api.ts';
import { type Loaded, useLoad } from '../../parts/load.ts';
import { Loadable } from '../../parts/states.tsx';

/** An output with the fields that the answer about a large run leaves out, which are read by themselves. */
export const useWhole = (run: Run, output: Generation): Loaded<Generation> => {
  const isPart = output.left_out !== undefined;
  const read = useLoad(
    (signal) =>
      isPart ? everytoken().runs.generation(run.id, output.index, { signal }) : Promise.resolve(output),
    [run.id, output.index, isPart, output.status],
  );
  return isPart ? read : { value: output, error: undefined, isLoading: false, reload: read.reload };
};

/** The same as a component. */
export const WholeOutput = ({
  run,
  output,
  children,
}: {
  run: Run;
  output: Generation;
  children: (whole: Generation) => ComponentChildren;
}) => {
  const whole = useWhole(run, output);
  return (
    <Loadable of={whole} what="the rest of this output, which is large">
      {children}
    </Loadable>
  );
};
