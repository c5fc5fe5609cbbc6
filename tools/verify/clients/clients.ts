/** A client of OpenAI's API that is tried against everytoken. */
export type TriedClient = {
  /** As people call it. */
  name: string;
  /** The file of its program in `programs`. */
  program: string;
  /** The package whose version is told. */
  package: string;
};

/** Those whose packages the tests of the project install anyway. */
export const LIGHT_CLIENTS: readonly TriedClient[] = [
  { name: 'OpenAI SDK for Node', program: 'openai.mjs', package: 'openai' },
  {
    name: 'Vercel AI SDK, `openai-compatible`',
    program: 'ai-sdk-openai-compatible.mjs',
    package: '@ai-sdk/openai-compatible',
  },
  { name: 'LangChain.js', program: 'langchain-chat.mjs', package: '@langchain/openai' },
  { name: 'OpenAI SDK for Node, responses', program: 'openai-responses.mjs', package: 'openai' },
];

export const ALL_CLIENTS: readonly TriedClient[] = [
  ...LIGHT_CLIENTS,
  { name: 'Vercel AI SDK, `openai.chat`', program: 'ai-sdk-openai.mjs', package: '@ai-sdk/openai' },
  {
    name: 'LangChain.js, `useResponsesApi`',
    program: 'langchain-responses.mjs',
    package: '@langchain/openai',
  },
  { name: 'Vercel AI SDK, `openai`', program: 'ai-sdk-openai-responses.mjs', package: '@ai-sdk/openai' },
  { name: 'OpenAI Agents SDK', program: 'agents-responses.mjs', package: '@openai/agents' },
  { name: 'OpenAI Agents SDK, chat completions', program: 'agents-chat.mjs', package: '@openai/agents' },
  { name: 'instructor', program: 'instructor.mjs', package: '@instructor-ai/instructor' },
  { name: 'LlamaIndex.TS', program: 'llamaindex.mjs', package: '@llamaindex/openai' },
];

export const PYTHON: TriedClient = {
  name: 'OpenAI SDK for Python',
  program: 'openai_python.py',
  package: 'openai',
};
