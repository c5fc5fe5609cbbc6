import type { Conversations, Turn } from '../../lib/runs/conversations.ts';
import { copyOf } from './copy.ts';

/** Turns in a map, by key. */
export const makeMemoryConversations = (): Conversations & { turns: Map<string, Turn[]> } => {
  const turns = new Map<string, Turn[]>();
  const others = (key: string, id: string) => (turns.get(key) ?? []).filter((turn) => turn.id !== id);
  return {
    turns,
    newest: async (key, limit) =>
      copyOf(turns.get(key) ?? [])
        .sort((a, b) => (`${a.createdAt}#${a.id}` < `${b.createdAt}#${b.id}` ? 1 : -1))
        .slice(0, limit),
    put: async (key, turn) => {
      turns.set(key, [...others(key, turn.id), { ...turn }]);
    },
    delete: async (key, { id }) => {
      const left = others(key, id);
      if (left.length > 0) turns.set(key, left);
      else turns.delete(key);
    },
  };
};
