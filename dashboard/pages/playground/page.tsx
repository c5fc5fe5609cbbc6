import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { hrefOf } from '../../address.ts';
import { apiKey, baseUrl, everytoken, reader } from '../../api.ts';
import { address, go } from '../../location.ts';
import { Copy } from '../../parts/copy.tsx';
import { Segments } from '../../parts/fields.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useLoad } from '../../parts/load.ts';
import { Failure, Loading } from '../../parts/states.tsx';
import { TintKey } from '../../parts/token-text.tsx';
import type { TokenColour } from '../../parts/tokens.ts';
import type { PageProps } from '../page-props.ts';
import { comparisonHrefOf, programOf, streamedCurlOf } from './copy-as.ts';
import {
  type Draft,
  draftInQuery,
  draftOf,
  emptySetting,
  firstDraft,
  MOST_SETTINGS,
  requestOf,
} from './draft.ts';
import { errorsByField } from './field-errors.ts';
import { type LiveRun, recordedRun, startRun, whenGenerated } from './live-run.ts';
import './page.css';
import { PromptForm } from './prompt-form.tsx';
import { SettingColumn } from './setting-column.tsx';

/** They outlive the page, so that a look at another one loses nothing. */
const draft = signal<Draft>(firstDraft());
const live = signal<LiveRun | undefined>(undefined);
const colour = signal<TokenColour>('gap');
const loadError = signal<unknown>(undefined);

const change = (changes: Partial<Draft>): void => {
  draft.value = { ...draft.value, ...changes };
};

// A reader with another key may not see the texts of the former one.
reader.subscribe((turn) => {
  if (turn === 0) return;
  live.peek()?.stop();
  draft.value = firstDraft();
  live.value = undefined;
  loadError.value = undefined;
});

const isOpen = (run: LiveRun | undefined): boolean =>
  run?.state.value === 'asking' || run?.state.value === 'streaming';

const begin = (): void => {
  if (isOpen(live.value)) return;
  const begun = startRun(
    requestOf(draft.value),
    draft.value.settings.map(({ label }) => label),
  );
  live.value = begun;
  loadError.value = undefined;
  const stopWatching = begun.id.subscribe((id) => {
    if (id === undefined) return;
    // Unless the reader has gone to another page meanwhile, or begun another run.
    if (live.peek() === begun && ['playground', undefined].includes(address.peek().segments[0]))
      go(hrefOf(['playground'], { run: id }), { replace: true });
    queueMicrotask(() => stopWatching());
  });
};

/** Puts a run of the record into the form; with its outputs, unless it is to be asked again. */
const useRecord = (id: string | null, withOutputs: boolean): void => {
  useEffect(() => {
    if (id === null || live.value?.id.value === id || isOpen(live.value)) return;
    const aborter = new AbortController();
    const { signal: aborted } = aborter;
    loadError.value = undefined;
    everytoken()
      .runs.get(id, { signal: aborted })
      .then(async (run) => {
        draft.value = draftOf(run);
        live.value = undefined;
        if (!withOutputs) return;
        const recorded = await recordedRun(await whenGenerated(run, aborted), aborted);
        // Traces that could not be read count as none, also after an abort.
        if (aborted.aborted) return;
        draft.value = draftOf(recorded.run.value ?? run);
        live.value = recorded;
      })
      .catch((error: unknown) => {
        if (!aborted.aborted) loadError.value = error;
      });
    return () => aborter.abort();
  }, [id, withOutputs, apiKey.value]);
};

/** One prompt under several settings, side by side, as tokens arrive. */
export const Page = ({ query }: PageProps) => {
  const { settings, samples, alternatives } = draft.value;
  const run = live.value;
  useRecord(query.get('run') ?? query.get('from'), query.get('run') !== null);
  const linked = query.get('prompt') === null ? '' : query.toString();
  useEffect(() => {
    const given = draftInQuery(new URLSearchParams(linked));
    if (!given || isOpen(live.value)) return;
    draft.value = given;
    live.value = undefined;
  }, [linked]);
  const models = useLoad((aborted) => everytoken().models({ signal: aborted }), ['models']);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      begin();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  const error = run?.error.value ?? loadError.value;
  const wrong = errorsByField(error);
  const isRunning = isOpen(run);
  return (
    <>
      <header>
        <h1>Playground</h1>
        <div class="end">
          <label class="inline">
            Samples
            <input
              type="number"
              min={1}
              max={Math.max(1, Math.floor(64 / settings.length))}
              value={samples}
              data-tip="Outputs of each setting. Diversity needs two."
              onInput={({ currentTarget }) =>
                change({ samples: Math.max(1, Number(currentTarget.value) || 1) })
              }
            />
          </label>
          <label class="inline">
            Alternatives
            <select
              value={String(alternatives)}
              data-tip="How many of the most probable tokens are kept at each place, for models that report them."
              onChange={({ currentTarget }) => change({ alternatives: Number(currentTarget.value) })}
            >
              {[0, 5, 10, 20].map((count) => (
                <option key={count} value={String(count)}>
                  {count === 0 ? 'none' : count}
                </option>
              ))}
            </select>
          </label>
          {/* One button, which keeps the focus; its icons are two, since one would seem to move with the word. */}
          {isRunning ? (
            <button
              type="button"
              class="button run"
              onClick={({ detail }) => {
                // The second click of a double one on Run, whose place this button takes, stops nothing.
                if (detail < 2) run?.stop();
              }}
            >
              <Icon key="stop" name="stop" /> Stop
            </button>
          ) : (
            <button
              type="button"
              class="button primary run"
              aria-keyshortcuts="Control+Enter"
              data-tip="Ctrl Enter"
              onClick={begin}
            >
              <Icon key="play" name="play" /> Run
            </button>
          )}
        </div>
      </header>

      <PromptForm draft={draft.value} change={change} wrong={wrong} />

      {error !== undefined && !wrong.isAllShown && (
        <Failure
          error={error}
          what={run?.error.value === undefined ? 'That run could not be read' : 'The run failed'}
        />
      )}

      <div class="toolbar">
        <Segments<TokenColour>
          label="Colour of tokens"
          choices={[
            { value: 'gap', label: 'Gaps' },
            { value: 'probability', label: 'Probability' },
            { value: 'none', label: 'Plain' },
          ]}
          value={colour.value}
          onChange={(value) => {
            colour.value = value;
          }}
        />
        <TintKey colour={colour.value} />
        <div class="row end">
          {settings.length < MOST_SETTINGS && (
            <button
              type="button"
              class="button"
              onClick={() =>
                change({
                  settings: [
                    ...settings,
                    { ...(settings.at(-1) ?? emptySetting('')), label: `Setting ${settings.length + 1}` },
                  ],
                })
              }
            >
              <Icon name="plus" /> Add a setting
            </button>
          )}
          <Copy label="Copy as curl" text={() => streamedCurlOf(draft.value, baseUrl, apiKey.value !== '')} />
          <Copy label="Copy as code" text={() => programOf(draft.value, baseUrl, apiKey.value !== '')} />
          <a class="button" href={comparisonHrefOf(draft.value)}>
            <Icon name="compare" /> As a comparison
          </a>
        </div>
      </div>

      {models.value === undefined && models.isLoading ? (
        <Loading what="the models" />
      ) : (
        <div class="settings">
          {settings.map((setting, at) => (
            <SettingColumn
              // The outputs of a run belong to the place, too
              key={at}
              at={at}
              setting={setting}
              models={models.value?.data ?? []}
              wrong={wrong}
              live={run}
              colour={colour.value}
              alternatives={alternatives}
              change={(changes) =>
                change({
                  settings: settings.map((each, place) => (place === at ? { ...each, ...changes } : each)),
                })
              }
              remove={
                settings.length > 1
                  ? () => change({ settings: settings.filter((_, place) => place !== at) })
                  : undefined
              }
            />
          ))}
        </div>
      )}
    </>
  );
};
