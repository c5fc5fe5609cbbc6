import type { SsmParameters } from '../../../lib/adapters/aws/ssm-parameters.ts';
import type { Configuration } from '../../../lib/adapters/settings/configuration.ts';
import { own } from '../../../lib/json/value.ts';
import { type Finding, findingOn } from '../../finding.ts';

/** A key of a deployment. `value` is set if the variable is set here; `works`: a server has accepted it. */
export type StoredKey = {
  variable: string;
  parameter: string;
  value: string | undefined;
  works: boolean;
};

/** The names of a stage's SSM parameters, as in serverless.yml. */
export const parametersOf = (stage: string) => ({
  openai: `/everytoken/${stage}/openai-api-key`,
  pinecone: `/everytoken/${stage}/pinecone-api-key`,
  providers: `/everytoken/${stage}/providers/`,
});

type Mode = { rotate: boolean; checkOnly: boolean };

/**
 * Checks that the deployment's keys are stored. It stores a missing key, or with `rotate` a different one, if the value
 * set here works. Values are compared, never shown. Errors of the SDK pass through, after the findings so far.
 */
export async function* checkParameters(
  keys: readonly StoredKey[],
  stored: ReadonlyMap<string, string>,
  put: SsmParameters['put'],
  { rotate, checkOnly }: Mode,
): AsyncGenerator<Finding> {
  for (const { variable, parameter, value, works } of keys) {
    const finding = (state: Finding['state'], message: string) =>
      findingOn('ssm parameter')(state, `${parameter} ${message}`);
    const held = stored.get(parameter);
    if (held !== undefined && (value === undefined || held === value)) {
      yield finding('ok', 'is stored');
    } else if (held !== undefined && !rotate) {
      const remedy = `overwrite it with --rotate, or unset ${variable} to check the stored key`;
      yield finding('wrong', `holds a different key than ${variable}; ${remedy}`);
    } else if (value === undefined) {
      yield finding('wrong', `does not exist; set ${variable} and run this again to store it`);
    } else if (!works) {
      yield finding('wrong', `is not stored, since ${variable} did not work; see above`);
    } else if (checkOnly) {
      yield finding('wrong', 'does not exist; run this without --check to store it');
    } else if (await put(parameter, value, rotate)) {
      yield finding('ok', `was stored from ${variable}`);
    } else {
      yield finding('wrong', 'was stored by another process in the meantime; run this again');
    }
  }
}

/** Checks where providers' keys are stored: the functions may read parameters below one path only. */
export const checkProviderKeys = (
  { providers }: Pick<Configuration, 'providers'>,
  stage: string,
): Finding[] => {
  const path = parametersOf(stage).providers;
  return [...providers].flatMap(([name, { apiKey }]): Finding[] => {
    const finding = findingOn(`provider ${name}`);
    if (apiKey && 'parameter' in apiKey) {
      if (apiKey.parameter.startsWith(path)) return [];
      return [finding('wrong', `the functions may read only parameters below ${path}; store the key there`)];
    }
    if (apiKey?.value === 'none') return [];
    const message = `its api_key would be visible in the functions' environment; store it below ${path} and set api_key_parameter`;
    return [finding('note', message)];
  });
};

/** Notes an embedding key of its own: serverless.yml has the functions use OpenAI's key for embeddings. */
export const checkEmbeddingKey = (variables: Record<string, string | undefined>): Finding[] => {
  const given = ['EMBEDDING_API_KEY', 'EMBEDDING_API_KEY_PARAMETER'].find((name) => own(variables, name));
  if (given === undefined) return [];
  const message = `${given} is not part of a deployment: add a parameter to serverless.yml and its roles (docs/deploy.md)`;
  return [findingOn('embeddings')('note', message)];
};
