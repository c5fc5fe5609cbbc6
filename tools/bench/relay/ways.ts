import { isObject } from '../../../lib/json/value.ts';

type Fields = Record<string, unknown>;

/** A way from the client to the model server: where a request goes, its body, and the text in an event of its answer. */
type Way = {
  name: string;
  to: 'models' | 'proxy' | 'everytoken';
  path: string;
  /** The body of the request for the stream with this key. */
  body(model: string, key: number): object;
  /** The text of a token's event; '' for every other event. */
  textIn(event: Fields): string;
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const chatBody = (model: string, key: number) => ({
  ...{ model, stream: true },
  messages: [{ role: 'user', content: String(key) }],
});

const chatText = ({ choices }: Fields): string => {
  const [choice]: unknown[] = Array.isArray(choices) ? choices : [];
  return isObject(choice) && isObject(choice.delta) ? textOf(choice.delta.content) : '';
};

/** The scenario of the model server's streams: a token an event at a steady rate. */
export const SCENARIO = 'steady';
/** The name under which everytoken knows the model server. */
export const PROVIDER = 'paced';

/** The ways that are measured, in the table's order. Everytoken's runs are not indexed, so that no embedding runs beside them. */
export const WAYS = {
  direct: {
    ...{ name: 'direct', to: 'models', path: '/v1/chat/completions' },
    ...{ body: chatBody, textIn: chatText },
  },
  proxy: {
    ...{ name: 'bare proxy', to: 'proxy', path: '/v1/chat/completions' },
    ...{ body: chatBody, textIn: chatText },
  },
  runs: {
    ...{ name: 'everytoken, /runs', to: 'everytoken', path: '/runs' },
    body: (model, key) => ({ ...chatBody(model, key), index: false }),
    textIn: ({ text, t_ms }) => (t_ms === undefined ? '' : textOf(text)),
  },
  chat: {
    ...{ name: 'everytoken, /v1/chat/completions', to: 'everytoken', path: '/v1/chat/completions' },
    body: (model, key) => ({ ...chatBody(model, key), index: false }),
    textIn: chatText,
  },
  responses: {
    ...{ name: 'everytoken, /v1/responses', to: 'everytoken', path: '/v1/responses' },
    body: (model, key) => ({ model, stream: true, index: false, input: String(key) }),
    textIn: ({ type, delta }) => (type === 'response.output_text.delta' ? textOf(delta) : ''),
  },
} as const satisfies Record<string, Way>;

export type WayName = keyof typeof WAYS;

export const WAY_NAMES = Object.keys(WAYS) as WayName[];
