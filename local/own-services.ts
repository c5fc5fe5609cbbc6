/** What a user may have set, here or in `.env`, that leads a stack to services of theirs or changes what it does. */
const OWN = [
  ...['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'DEFAULT_MODEL', 'ALLOWED_MODELS', 'PROVIDERS'],
  ...['PRICES', 'MODEL_CATALOGUE'],
  ...['EMBEDDING_MODEL', 'EMBEDDING_BASE_URL', 'EMBEDDING_API_KEY', 'EMBEDDING_DIMENSIONS'],
  ...['PINECONE_API_KEY', 'PINECONE_CONTROLLER_HOST', 'PINECONE_INDEX', 'PINECONE_NAMESPACE'],
  ...['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_SQS'],
  ...['AWS_ENDPOINT_URL_EVENTBRIDGE', 'EVERYTOKEN_API_KEYS', 'EVERYTOKEN_LOCAL_PACE', 'RETENTION_DAYS'],
];

/**
 * The environment of a stack that is started to be tested or measured: set to nothing, none of the user's variables
 * reaches it, not from `.env` either; `given` are its own.
 */
export const withoutOwnServices = (given: Record<string, string>): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  ...Object.fromEntries(OWN.map((name) => [name, ''])),
  ...given,
});
