import { own } from '../lib/json/value.ts';
import { padTo, wrap } from './terminal/layout.ts';
import { printableLine } from './terminal/printable.ts';

/** A variable that the local stack or a command reads, from the environment or from `.env`. */
export type Variable = {
  name: string;
  group: 'Local stack' | 'Model server' | 'Embeddings' | 'Pinecone' | 'AWS services of your own' | 'Commands';
  /** Its effect and its default, in lower case and without a full stop. */
  does: string;
  /** Its value is shown to nobody: it is, or may hold, a key. */
  isSecret?: true;
  /** A value in JSON, for messages about a wrong one. */
  example?: string;
};

/** Every variable that changes what `everytoken` does on this machine, in the order in which they are shown. */
export const VARIABLES: readonly Variable[] = [
  {
    name: 'PORT',
    group: 'Local stack',
    does: 'port of the API, by default 3000; 0 takes any free one',
  },
  {
    name: 'EVERYTOKEN_DATA_DIR',
    group: 'Local stack',
    does: 'folder of the stored data, by default .everytoken',
  },
  {
    name: 'EVERYTOKEN_LOCAL_PACE',
    group: 'Local stack',
    does: 'tokens a second of the local model, by default 90; 0 is as fast as it can',
  },
  {
    name: 'EVERYTOKEN_API_KEYS',
    group: 'Local stack',
    does: "callers' keys as caller:secret,…; without it the API asks for no key",
    isSecret: true,
  },
  {
    name: 'CALLER_REQUESTS_PER_SECOND',
    group: 'Local stack',
    does: 'requests a second of each caller, by default no limit',
  },
  {
    name: 'CALLER_RUNS_IN_FLIGHT',
    group: 'Local stack',
    does: 'runs of each caller at once, by default no limit',
  },
  {
    name: 'KEPT_FOR_OTHERS_PERCENT',
    group: 'Local stack',
    does: 'share of the workers that no single caller takes, 0 to 90',
  },
  {
    name: 'RETENTION_DAYS',
    group: 'Local stack',
    does: 'days until runs are deleted, by default never',
  },
  {
    name: 'USAGE_KEYS',
    group: 'Local stack',
    does: 'keys of metadata by which usage is summed, with commas between them',
  },
  {
    name: 'DEPLOYMENT_ID',
    group: 'Local stack',
    does: "names the stack in its vectors, by default the data folder's id",
  },
  {
    name: 'OPENAI_API_KEY',
    group: 'Model server',
    does: 'key of OpenAI or of OPENAI_BASE_URL, used instead of the local model; you pay for it',
    isSecret: true,
  },
  {
    name: 'OPENAI_BASE_URL',
    group: 'Model server',
    does: "address of a server that speaks OpenAI's API, used instead of the local model",
  },
  {
    name: 'DEFAULT_MODEL',
    group: 'Model server',
    does: 'model of requests that name none, by default gpt-6-luna, or everytoken-ngram on the local model',
  },
  {
    name: 'ALLOWED_MODELS',
    group: 'Model server',
    does: 'the only models that requests may name, with commas between them',
  },
  {
    name: 'PROVIDERS',
    group: 'Model server',
    does: 'further model servers by name, in JSON; a model of theirs is named provider/model',
    example: '{"groq": {"base_url": "https://api.groq.com/openai/v1", "api_key": "…"}}',
    isSecret: true,
  },
  {
    name: 'MODEL_ALIASES',
    group: 'Model server',
    does: 'names that requests may give to models, in JSON',
    example: '{"fast": "groq/llama-3.3-70b-versatile"}',
  },
  {
    name: 'MODEL_CATALOGUE',
    group: 'Model server',
    does: 'what models and servers take of a request, in JSON',
    example: '{"own-gpu/*": {"top_k": "applied"}}',
  },
  {
    name: 'PRICES',
    group: 'Model server',
    does: 'prices of models in USD per million tokens, in JSON',
    example: '{"MODEL": {"input": 0.5, "output": 1.5, "source": "https://…", "as_of": "2026-11-22"}}',
  },
  {
    name: 'EMBEDDING_MODEL',
    group: 'Embeddings',
    does: 'model of the embeddings, by default text-embedding-3-small, or everytoken-use on the local encoder',
  },
  {
    name: 'EMBEDDING_BASE_URL',
    group: 'Embeddings',
    does: 'address of the embeddings, by default that of the model server',
  },
  {
    name: 'EMBEDDING_API_KEY',
    group: 'Embeddings',
    does: 'key of EMBEDDING_BASE_URL, by default OPENAI_API_KEY',
    isSecret: true,
  },
  {
    name: 'EMBEDDING_DIMENSIONS',
    group: 'Embeddings',
    does: 'length of a vector, by default 1536; the index must have the same',
  },
  {
    name: 'PINECONE_API_KEY',
    group: 'Pinecone',
    does: 'key of your Pinecone, used instead of the local index; you pay for it',
    isSecret: true,
  },
  {
    name: 'PINECONE_CONTROLLER_HOST',
    group: 'Pinecone',
    does: "address of a server that speaks Pinecone's API, used instead of the local index",
  },
  {
    name: 'PINECONE_INDEX',
    group: 'Pinecone',
    does: 'name of the index, by default autogen-text',
  },
  {
    name: 'PINECONE_NAMESPACE',
    group: 'Pinecone',
    does: "prefix of the namespaces, by default the data folder's id and a colon",
  },
  ...['DynamoDB', 'S3', 'SQS', 'EventBridge'].map(
    (service): Variable => ({
      name: `AWS_ENDPOINT_URL_${service.toUpperCase()}`,
      group: 'AWS services of your own',
      does: `address of your ${service}, used instead of the local one`,
    }),
  ),
  {
    name: 'EVERYTOKEN_KEY',
    group: 'Commands',
    does: 'key of the API that commands send; a local stack gives them one of its own',
    isSecret: true,
  },
  {
    name: 'NO_COLOR',
    group: 'Commands',
    does: 'any value: no colours',
  },
];

/** The variables that are set, with what may be shown of their values. */
export const setVariables = (
  variables: Readonly<Record<string, string | undefined>>,
): { variable: Variable; shown: string }[] =>
  VARIABLES.flatMap((variable) => {
    const value = own(variables, variable.name);
    return value === undefined || value === '' ? [] : [{ variable, shown: shownValue(variable, value) }];
  });

const LONGEST_SHOWN = 40;

/** An address without user, password, query and fragment, which may be secrets; another text as it is. */
export const shownAddress = (value: string): string => {
  const url = URL.parse(value);
  return url === null || url.host === '' ? value : `${url.protocol}//${url.host}${url.pathname}`;
};

/** A variable's value for people: `set` for a secret and for long ones such as JSON; an address without its password. */
const shownValue = ({ isSecret }: Variable, value: string): string => {
  const shown = shownAddress(value);
  return isSecret || shown.length > LONGEST_SHOWN || /^\s*[{[]/.test(shown) ? 'set' : printableLine(shown);
};

const NAME_WIDTH = Math.max(...VARIABLES.map(({ name }) => name.length)) + 4;

/** The table of all variables for `--help`, grouped, in lines of at most `width` columns. */
export const variablesHelp = (width: number): string => {
  const groups = Map.groupBy(VARIABLES, ({ group }) => group);
  const lines = [...groups].flatMap(([group, variables]) => [
    `  ${group}`,
    ...variables.flatMap(({ name, does }) =>
      wrap(does, Math.max(20, width - NAME_WIDTH - 2)).map(
        (text, at) => padTo(at === 0 ? `    ${name}` : '', NAME_WIDTH + 2) + text,
      ),
    ),
  ]);
  return `\nVariables, of the environment or of .env (an empty one removes that of .env):\n${lines.join('\n')}`;
};
