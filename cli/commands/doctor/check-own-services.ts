import { configurationOf } from '../../../lib/adapters/settings/configuration.ts';
import { EverytokenError } from '../../../lib/errors.ts';
import type { UserVariables } from '../../../local/settings.ts';
import { type Finding, findingOn } from '../../finding.ts';
import { shownAddress } from '../../variables.ts';
import { checkModels, UNUSED_NAMES } from '../init/check-models.ts';
import { checkEmbeddings, checkIndex } from '../init/check-vectors.ts';

const TIMEOUT_MS = 15_000;

/**
 * Checks the services of the user's own that a local stack would use. Without `online` it asks those alone that are on
 * this machine: others get a key, and may charge for it.
 */
export async function* checkOwnServices(
  variables: UserVariables,
  { online }: { online: boolean },
): AsyncGenerator<Finding> {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, PINECONE_API_KEY, PINECONE_CONTROLLER_HOST } = variables;
  const model = findingOn('model server');
  const hasModel = OPENAI_API_KEY !== undefined || OPENAI_BASE_URL !== undefined;
  const hasIndex = PINECONE_API_KEY !== undefined || PINECONE_CONTROLLER_HOST !== undefined;
  if (!hasModel) yield model('ok', 'the local n-gram model (everytoken-ngram), which is not an LLM');
  else if (online || isHere(OPENAI_BASE_URL))
    yield* checked(model, async () => {
      const settings = { OPENAI_API_KEY: OPENAI_API_KEY ?? 'none', ...variables, ...UNUSED_NAMES };
      return checkModels(configurationOf(settings), { timeoutMs: TIMEOUT_MS, now: Date.now() });
    });
  else
    yield model(
      'ok',
      `${shownAddress(OPENAI_BASE_URL ?? 'OpenAI')}: not asked; --online asks it with its key`,
    );
  if (online && hasModel) yield* embeddingsOf(variables);
  const index = findingOn('pinecone index');
  if (!hasIndex) yield index('ok', 'local, exact cosine');
  else if (online) yield* indexOf(variables);
  else
    yield index(
      'ok',
      `${shownAddress(PINECONE_CONTROLLER_HOST ?? 'Pinecone')}: not asked; --online asks it with its key`,
    );
}

const embeddingsOf = (variables: UserVariables) =>
  checked(findingOn('embeddings'), async () => [
    await checkEmbeddings(
      configurationOf({ OPENAI_API_KEY: 'none', ...variables, ...UNUSED_NAMES }),
      TIMEOUT_MS,
    ),
  ]);

const indexOf = (variables: UserVariables) =>
  checked(findingOn('pinecone index'), async () => [
    await checkIndex(
      configurationOf({ ...variables, ...UNUSED_NAMES }),
      { cloud: 'aws', indexRegion: 'us-east-1', timeoutMs: TIMEOUT_MS },
      false,
    ),
  ]);

/** Invalid variables have findings of their own. */
async function* checked(
  finding: ReturnType<typeof findingOn>,
  check: () => Promise<Finding[]>,
): AsyncGenerator<Finding> {
  try {
    yield* await check();
  } catch (error) {
    if (!(error instanceof EverytokenError)) throw error;
    yield finding('note', 'not asked, since variables are not valid; see above');
  }
}

const isHere = (address: string | undefined): boolean =>
  address !== undefined &&
  /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(URL.parse(address)?.hostname ?? '');
