import { logContract, pointsOf } from '../contracts/log.ts';
import { makeMemoryLog } from './log.ts';

logContract('memory', () => {
  const log = makeMemoryLog();
  return { log, lines: () => log.entries, points: () => pointsOf(log.measurements) };
});
