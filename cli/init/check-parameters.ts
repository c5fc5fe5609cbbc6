import type { SsmParameters } from '../../lib/adapters/aws/ssm-parameters.ts';
import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import { type Finding, findingOn } from './finding.ts';

/** A key of a deployment, where it is kept, and the value given here, if one was and it works. */
export type StoredKey = {
  variable: string;
  parameter: string;
  value: string | undefined;
  works: boolean;
};

/** The SSM parameters that serverless.yml names for a stage. */
export const parametersOf = (stage: string) => ({
  openai: `/everytoken/${stage}/openai-api-key`,
  pinecone: `/everytoken/${stage}/pinecone-api-key`,
  providers: `/everytoken/${stage}/providers/`,
});

type Mode = { rotates: boolean; looksOnly: boolean };

/**
 * Whether the deployment's keys are `stored`; one that is absent, or may be rotated, is put there from here if it works.
 * Values are compared and never shown. Errors are the SDK's own, after what was found before.
 */
export async function* checkParameters(
  keys: readonly StoredKey[],
  stored: ReadonlyMap<string, string>,
  put: SsmParameters['put'],
  { rotates, looksOnly }: Mode,
): AsyncGenerator<Finding> {
  for (const { variable, parameter, value, works } of keys) {
    const of = (state: Finding['state'], says: string) =>
      findingOn('ssm parameter')(state, `${parameter} ${says}`);
    const held = stored.get(parameter);
    if (held !== undefined && (value === undefined || held === value)) {
      yield of('ok', 'is stored');
    } else if (held !== undefined && !rotates) {
      const remedy = `store that by --rotate, or unset ${variable} to check the stored one`;
      yield of('wrong', `holds another key than ${variable}; ${remedy}`);
    } else if (value === undefined) {
      yield of('wrong', `is not there; set ${variable} and run this again, which stores it`);
    } else if (!works) {
      yield of('wrong', `is not stored, since ${variable} did not work; see above`);
    } else if (looksOnly) {
      yield of('wrong', 'is not there; run this without --check, which stores it');
    } else if (await put(parameter, value, rotates)) {
      yield of('ok', `was stored from ${variable}`);
    } else {
      yield of('wrong', 'was stored by somebody else just now; run this again');
    }
  }
}

/** A provider's key is read by the functions from parameters below one path alone. */
export const checkProviderKeys = (
  { providers }: Pick<Configuration, 'providers'>,
  stage: string,
): Finding[] => {
  const path = parametersOf(stage).providers;
  return [...providers].flatMap(([name, { apiKey }]): Finding[] => {
    const finding = findingOn(`provider ${name}`);
    if (apiKey && 'parameter' in apiKey) {
      if (apiKey.parameter.startsWith(path)) return [];
      return [finding('wrong', `the functions may read parameters below ${path} alone; store it there`)];
    }
    if (apiKey?.value === 'none') return [];
    const says = `its api_key would stand in the functions' environment; store it below ${path}, give api_key_parameter`;
    return [finding('note', says)];
  });
};

/** The template has embeddings asked for with OpenAI's key. */
export const checkEmbeddingKey = (variables: Record<string, string | undefined>): Finding[] => {
  const given = ['EMBEDDING_API_KEY', 'EMBEDDING_API_KEY_PARAMETER'].find((name) => variables[name]);
  if (given === undefined) return [];
  const says = `${given} is no part of a deployment: name a parameter in serverless.yml and its roles (docs/deploy.md)`;
  return [findingOn('embeddings')('note', says)];
};
