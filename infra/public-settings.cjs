/**
 * Settings that could hold a secret. They stand in the template, which everyone reads who may read the stack or the
 * configuration of its functions, so packaging fails for one that holds a secret and tells where the secret belongs.
 * The local stack packages without the user's settings and gives them to the functions at start, so `api_key` stays
 * possible there. Messages name fields, never values.
 */
module.exports.providers = async ({ resolveVariable }) => {
  const text = process.env.PROVIDERS || '';
  if (text === '') return '';
  const folder = `/everytoken/${await resolveVariable('sls:stage')}/providers`;
  const problems = Object.entries(providersIn(text)).flatMap(([name, provider]) =>
    problemsOf(provider, folder, name).map((problem) => `PROVIDERS.${name}${problem}`),
  );
  if (problems.length > 0) refuse(problems.join('; '));
  return text;
};

module.exports.openaiBaseUrl = () => address('OPENAI_BASE_URL');
module.exports.embeddingBaseUrl = () => address('EMBEDDING_BASE_URL');
module.exports.pineconeControllerHost = () => address('PINECONE_CONTROLLER_HOST');

const FIELDS = ['base_url', 'api_key_parameter', 'server'];
const BARE_URL =
  'must be a URL without user, password, query and fragment, because it stands in the template in plain text';

const problemsOf = (provider, folder, name) => {
  if (!isObject(provider)) return [' is not a JSON object'];
  const parameter = `${folder}/${name}`;
  const problems = Object.keys(provider)
    .filter((field) => !FIELDS.includes(field))
    .map((field) =>
      field === 'api_key'
        ? `.api_key would stand in the template in plain text: store the key with "aws ssm put-parameter --type ` +
          `SecureString --name ${parameter} --value file://KEY_FILE" and give "api_key_parameter": "${parameter}"`
        : `.${field} is unknown: a deployment takes ${FIELDS.join(', ')}`,
    );
  const { base_url: url, api_key_parameter: named } = provider;
  if (!isBare(url)) problems.push(`.base_url ${BARE_URL}`);
  if (named !== undefined && !`${named}`.startsWith(`${folder}/`))
    problems.push(
      `.api_key_parameter must be the name of a parameter below ${folder}/, such as ${parameter}`,
    );
  return problems;
};

const providersIn = (text) => {
  try {
    const providers = JSON.parse(text);
    if (isObject(providers)) return providers;
  } catch {
    // The parser's own message would quote the text.
  }
  return refuse('PROVIDERS is not a JSON object of providers by name');
};

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const address = (name) => {
  const value = process.env[name] || '';
  return value === '' || isBare(value) ? value : refuse(`${name} ${BARE_URL}`);
};

/** Whether this is a URL that has no part for a secret. */
const isBare = (value) => {
  if (!URL.canParse(value)) return false;
  const { username, password, search, hash } = new URL(value);
  return `${username}${password}${search}${hash}` === '';
};

/** Without a stack, which the framework would print after the message. */
const refuse = (message) => {
  throw Object.assign(new Error(message), { stack: '' });
};
