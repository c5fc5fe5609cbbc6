import { checkChatModel } from './langchain.mjs';

await checkChatModel(false);
