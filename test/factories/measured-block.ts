import type { MeasuredBlock } from '../../lib/comparisons/measured-block.ts';
import type { GenerationFigures } from '../../lib/runs/run.ts';
import { makeFigures } from './run.ts';

type Cell = Partial<GenerationFigures> | 'failed';

/** Blocks with answers, one per row; a cell has the special figures of that setting's generation. */
export const makeBlocks = (rows: Cell[][]): MeasuredBlock[] =>
  rows.map((cells) => ({
    prompt: 0,
    run: undefined,
    isAnswered: true,
    hasEnded: true,
    cells: cells.map((own) => (own === 'failed' ? undefined : makeFigures(own))),
    failed: cells.map((own) => own === 'failed'),
    errorCodes: cells.map((own) => (own === 'failed' ? 'model_not_found' : null)),
  }));
