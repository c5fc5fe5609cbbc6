import { conversationsContract } from '../contracts/conversations.ts';
import { makeMemoryConversations } from './conversations.ts';

conversationsContract('the memory store', async () => ({
  conversations: makeMemoryConversations(),
  close: async () => {},
}));
