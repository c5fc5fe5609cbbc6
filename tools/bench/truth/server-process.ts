import { setPriority } from 'node:os';
import { answerParent } from '../child.ts';
import { startTruthServer } from './truth-server.ts';

/** A question to the server process: its address, or the truth of these streams. */
export type ServerQuestion = { take: number[] } | { address: true };

/** `first`: the process gets a CPU before others where this user may ask for that, as a server elsewhere would. */
export type ServerOptions = { tokens: number; rate: number; first?: boolean };

const options: ServerOptions = JSON.parse(process.argv[2] ?? '{}');
const PRIORITY = -15;

if (options.first) {
  try {
    setPriority(PRIORITY);
  } catch {
    // Without the right to it, the truth is as late as the machine is busy: the bare client's errors show that.
  }
}
const starting = startTruthServer(options);
answerParent<ServerQuestion>(async (question) => {
  const server = await starting;
  return 'take' in question ? server.take(question.take) : server.url;
});
