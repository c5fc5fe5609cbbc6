import { answerParent } from '../child.ts';
import { startTruthServer } from './truth-server.ts';

/** A question to the server process: its address, or the truth of these streams. */
export type ServerQuestion = { take: number[] } | { address: true };

const starting = startTruthServer(JSON.parse(process.argv[2] ?? '{}'));
answerParent<ServerQuestion>(async (question) => {
  const server = await starting;
  return 'take' in question ? server.take(question.take) : server.url;
});
