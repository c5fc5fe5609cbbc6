/**
 * The prefix of the stage's namespaces in Pinecone: PINECONE_NAMESPACE, or the stage's name when it is unset or empty, so
 * that stages which share an index never share vectors.
 */
module.exports = async ({ resolveVariable }) =>
  process.env.PINECONE_NAMESPACE || `${await resolveVariable('sls:stage')}:`;
