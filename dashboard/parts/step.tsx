import type { Generation } from '../../client/index.ts';
import { alternativesOf, cutsOf } from '../../report/alternatives.ts';
import { figureText } from '../figures.ts';
import { quoted } from './token-text.tsx';
import type { ShownToken } from './tokens.ts';

/**
 * The step at which a token was chosen: the candidates with their probabilities, and where the requested top-k and top-p
 * cut. The probabilities are those before temperature and penalties.
 */
export const Step = ({
  token,
  requested,
  hint,
}: {
  token: ShownToken;
  requested: Generation['sampling']['requested'];
  /** Said where the run has no log probabilities. */
  hint: string;
}) => {
  if (!token.logprob) return <p class="muted small">{hint}</p>;
  const alternatives = alternativesOf(token.logprob);
  const cuts = cutsOf(alternatives, requested);
  const beyond = cuts.filter(({ after }) => after === undefined);
  return (
    <div class="step">
      <ol>
        {alternatives.map(({ rank, text, probability, isChosen }, at) => {
          const here = cuts.filter(({ after }) => after !== undefined && after === rank);
          return [
            // Candidates of one token never change their places
            <li key={at} class={isChosen ? 'chosen' : ''} aria-current={isChosen ? 'true' : undefined}>
              <span class="number muted">{rank ?? '·'}</span>
              <code>{quoted(text)}</code>
              <meter
                min={0}
                max={1}
                value={probability ?? 0}
                aria-label={`probability ${figureText('probability', probability)}`}
              />
              <span class="number">{figureText('probability', probability)}</span>
              <span class="small muted">{isChosen && 'chosen'}</span>
            </li>,
            here.length > 0 && (
              <li key={`cut-${at}`} class="cut">
                <span>
                  {here.map(({ name }) => name).join(' and ')} {here.length > 1 ? 'cut' : 'cuts'} here
                </span>
              </li>
            ),
          ];
        })}
      </ol>
      {beyond.length > 0 && (
        <p class="small muted">
          {beyond.map(({ name }) => name).join(' and ')} {beyond.length > 1 ? 'cut' : 'cuts'} below the
          candidates that were kept.
        </p>
      )}
    </div>
  );
};
