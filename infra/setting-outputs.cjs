/**
 * Settings of the functions as outputs, so that a command finds the deployment's index, namespaces and parameters by the
 * stage's name. PINECONE_INDEX becomes PineconeIndex. An empty setting has no output.
 * None of them is a secret (public-settings.cjs).
 */
const SETTINGS = {
  DEPLOYMENT_ID: 'The name of the deployment in its vectors, where it is not the table',
  OPENAI_BASE_URL: 'The model server, where it is not OpenAI',
  OPENAI_API_KEY_PARAMETER: "The SSM parameter with the model server's key",
  DEFAULT_MODEL: 'The model of requests that name none',
  EMBEDDING_MODEL: 'The embedding model',
  EMBEDDING_DIMENSIONS: 'The dimensions of its vectors',
  EMBEDDING_BASE_URL: 'The embeddings server, where it is not the model server',
  PINECONE_CONTROLLER_HOST: "Pinecone's control plane, where it is not Pinecone's own",
  PINECONE_API_KEY_PARAMETER: "The SSM parameter with Pinecone's key",
  PINECONE_INDEX: 'The index in Pinecone',
  PINECONE_NAMESPACE: "The prefix of the stage's namespaces in Pinecone",
  RETENTION_DAYS: 'Days after which runs and files are deleted',
  USAGE_KEYS: 'Keys of metadata by which usage is summed',
};

const outputOf = (variable) =>
  variable
    .split('_')
    .map((word) => word[0] + word.slice(1).toLowerCase())
    .join('');

module.exports = async ({ resolveVariable }) => {
  const outputs = {};
  for (const [variable, Description] of Object.entries(SETTINGS)) {
    const Value = String(await resolveVariable(`self:provider.environment.${variable}`));
    if (Value !== '') outputs[outputOf(variable)] = { Description, Value };
  }
  return { Outputs: outputs };
};
