import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ApiError, type ComparisonRequest } from '../../../client/index.ts';
import { newIdempotencyKey } from '../../../client/transport.ts';
import { dollars } from '../../../report/figures.ts';
import { hrefOf } from '../../address.ts';
import { everytoken } from '../../api.ts';
import { draftQuery, readDraft } from '../../comparison-request/address.ts';
import { type Draft, type Problem, requestOf } from '../../comparison-request/draft.ts';
import { beyondLimits, missingIn, placed } from '../../comparison-request/problems.ts';
import { go, wayOn } from '../../location.ts';
import { useLoad } from '../../parts/load.ts';
import { Failure } from '../../parts/states.tsx';
import { ChecksFields, LimitsFields, MoreFields } from './demands-fields.tsx';
import { EstimatePanel } from './estimate-panel.tsx';
import { PromptsFields } from './prompts-fields.tsx';
import { SettingsFields } from './settings-fields.tsx';

/** Nothing is asked at every key: an estimate waits until the form has not changed for so long. */
const SETTLED_MS = 400;

type Sending = { key: string; body: string };

/** The form of a new comparison, with what it would take beside it. */
export const Builder = ({ query }: { query: URLSearchParams }) => {
  const [draft, setDraft] = useDraft(query);
  const [isTried, setTried] = useState(false);
  const [failure, setFailure] = useState<unknown>(undefined);
  const [isSending, setSending] = useState(false);
  const sent = useRef<Sending | undefined>(undefined);
  const form = useRef<HTMLFormElement>(null);

  const { request, problems } = useMemo(() => requestOf(draft), [draft]);
  const own = [...problems, ...beyondLimits(request)];
  const missing = missingIn(draft, request);
  const body = JSON.stringify(request);
  const settledBody = useSettled(body);
  const isReady = own.length === 0 && missing.length === 0;
  const estimate = useLoad(
    async (signal) =>
      isReady
        ? everytoken().comparisons.estimate(JSON.parse(settledBody) as ComparisonRequest, { signal })
        : undefined,
    [settledBody, isReady],
  );
  const isJudged = settledBody === body && !estimate.isLoading;
  const wrong = placed(
    [
      ...own,
      ...(isTried ? missing : []),
      ...(isJudged ? issuesOf(estimate.error) : []),
      ...issuesOf(failure),
    ],
    draft,
  );
  const change = (changes: Partial<Draft>): void => {
    setFailure(undefined);
    setDraft({ ...draft, ...changes });
  };

  const start = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (isSending) return;
    if (
      !isReady ||
      (isJudged && estimate.error !== undefined) ||
      isTooDear(draft, estimate.value?.cost_usd)
    ) {
      // After the messages have been drawn.
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
      return;
    }
    setSending(true);
    setFailure(undefined);
    // One key for one body: a second press, or one after a lost answer, begins nothing twice.
    if (sent.current?.body !== body) sent.current = { body, key: newIdempotencyKey() };
    try {
      const goOn = wayOn();
      const { id } = await everytoken().comparisons.create(request, { idempotencyKey: sent.current.key });
      goOn(hrefOf(['compare', id]));
    } catch (error) {
      setFailure(error);
      setSending(false);
    }
  };

  const dearness = isTooDear(draft, estimate.value?.cost_usd);
  return (
    <>
      <header>
        <h1>New comparison</h1>
        <div class="end">
          <a class="button" href={hrefOf(['compare'])}>
            All comparisons
          </a>
        </div>
      </header>
      <form ref={form} class="builder" noValidate onSubmit={start}>
        <div class="stack">
          <PromptsFields draft={draft} change={change} wrong={wrong} />
          <SettingsFields draft={draft} change={change} wrong={wrong} />
          <ChecksFields draft={draft} change={change} wrong={wrong} />
          <LimitsFields
            draft={draft}
            change={change}
            wrong={dearness ? new Map([...wrong, ['max_cost', dearness]]) : wrong}
          />
          <MoreFields draft={draft} change={change} wrong={wrong} />
        </div>
        <EstimatePanel
          request={request}
          estimate={estimate}
          isCurrent={isReady && isJudged}
          wrong={wrong.get('')}
          isSending={isSending}
        />
        {failure !== undefined && issuesOf(failure).length === 0 && (
          <Failure error={failure} what="The comparison could not be started" />
        )}
      </form>
    </>
  );
};

const issuesOf = (error: unknown): readonly Problem[] => {
  if (!(error instanceof ApiError)) return [];
  return error.errors.length > 0 ? error.errors : [{ path: '', message: error.detail }];
};

/** Why the estimate is above the most that it may cost; undefined where it is not. */
const isTooDear = ({ maxCostUsd }: Draft, cost: { high: number } | null | undefined): string | undefined => {
  const most = Number(maxCostUsd);
  if (maxCostUsd.trim() === '' || cost === undefined) return undefined;
  if (!Number.isFinite(most) || most < 0) return 'must be an amount in US dollars';
  if (cost === null) return 'cannot be kept: a price is not known';
  return cost.high > most
    ? `the estimate reaches ${dollars(cost.high)}: take fewer samples or max tokens`
    : undefined;
};

/** The draft of the address, and its address kept up to date; a link to another one replaces it. */
const useDraft = (query: URLSearchParams): [Draft, (draft: Draft) => void] => {
  const [draft, setDraft] = useState(() => readDraft(query));
  const written = useRef(query.toString());
  const settled = useSettled(draft);
  const asked = query.toString();
  useEffect(() => {
    if (asked !== written.current) setDraft(readDraft(query));
    written.current = asked;
  }, [asked]);
  useEffect(() => {
    const own = draftQuery(settled);
    if (own === undefined) return;
    const href = hrefOf(['compare'], own);
    written.current = new URLSearchParams(href.replace(/^[^?]*\??/, '')).toString();
    if (written.current !== asked) go(href, { replace: true });
  }, [settled]);
  return [draft, setDraft];
};

/** A value once it has not changed for a moment. */
const useSettled = <T,>(value: T): T => {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
};
