import { answerParent } from '../child.ts';
import { type Chunk, simulate } from './simulate.ts';

answerParent((chunk: Chunk) => simulate(chunk));
