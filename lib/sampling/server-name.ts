import type { ServerKind } from './server.ts';

const NAMES: Partial<Record<ServerKind, string>> = {
  openai: 'api.openai.com',
  groq: 'api.groq.com',
  openrouter: 'openrouter.ai',
  together: 'api.together.xyz',
  vllm: 'vLLM',
  ollama: 'Ollama',
};

/** What a warning calls a server of this kind. */
export const serverName = (kind: ServerKind): string => NAMES[kind] ?? 'this server';
