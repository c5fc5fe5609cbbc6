import { checkAgents } from './agents.mjs';

await checkAgents(true);
