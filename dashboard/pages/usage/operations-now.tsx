import type { Operations } from '../../../client/index.ts';
import { UNKNOWN } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { Defined } from '../../parts/figure.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { durationText, momentText } from './moments.ts';

/** The sweep runs every minute: after two without it, nothing late is taken up. */
const SWEEP_LATE_S = 120;

const words = (status: string): string => shownLine(status.replaceAll('_', ' '));
const counted = (n: number | null): string => (n === null ? UNKNOWN : n.toLocaleString('en-US'));

/** The work in hand, what is overdue, and the letters that no function could take. */
export const OperationsNow = ({
  operations: { at, deployment, in_hand, oldest, queues, last_sweep, errors },
}: {
  operations: Operations;
}) => (
  <div class="operations">
    {errors.length > 0 && (
      <div class="state failure" role="alert">
        <h3>Not all could be read</h3>
        <ul>
          {errors.map(({ part, message }) => (
            <li key={part}>
              {shownLine(part)}: {shownLine(message)}
            </li>
          ))}
        </ul>
      </div>
    )}
    <div class="cards">
      <section class="card" aria-labelledby="in-hand">
        <h3 id="in-hand">In hand</h3>
        {in_hand === null ? <p class="muted">not known</p> : <InHand inHand={in_hand} />}
      </section>
      <section class="card" aria-labelledby="oldest">
        <h3 id="oldest">Due first</h3>
        {oldest === null ? <p class="muted">not known</p> : <Oldest oldest={oldest} />}
      </section>
      <section class="card" aria-labelledby="sweep">
        <h3 id="sweep">Last sweep</h3>
        {last_sweep === null ? <p class="muted">none yet</p> : <Sweep sweep={last_sweep} />}
      </section>
    </div>
    {queues !== null && <Queues queues={queues} />}
    <p class="muted small">
      Read {momentText(at)}
      {deployment.stage !== null && `, stage ${shownLine(deployment.stage)}`}.
    </p>
  </div>
);

const InHand = ({
  inHand: { runs, files, blocks, sums, at_least },
}: {
  inHand: NonNullable<Operations['in_hand']>;
}) => {
  const facts = [
    ...Object.entries(runs).map(([status, n]): [string, number] => [`runs ${words(status)}`, n]),
    ...Object.entries(files).map(([status, n]): [string, number] => [`files ${words(status)}`, n]),
    ...(blocks === 0 ? [] : [['blocks of 250 lines', blocks] satisfies [string, number]]),
    ...(sums === 0 ? [] : [['sums of usage to renew', sums] satisfies [string, number]]),
  ];
  if (facts.length === 0) return <p class="muted">nothing</p>;
  return (
    <>
      <dl class="facts">
        {facts.map(([name, n]) => [
          <dt key={`${name}-name`}>{name}</dt>,
          <dd key={name} class="number">
            {counted(n)}
          </dd>,
        ])}
      </dl>
      {at_least && <p class="muted small">and more: the 2,000 that are due first were counted</p>}
    </>
  );
};

const Oldest = ({ oldest: { run, file } }: { oldest: NonNullable<Operations['oldest']> }) => {
  const due = [
    { what: 'run', one: run },
    { what: 'file', one: file },
  ].flatMap(({ what, one }) => (one === null ? [] : [{ what, one }]));
  if (due.length === 0) return <p class="muted">nothing</p>;
  return (
    <ul class="due">
      {due.map(({ what, one: { id, status, due_at, overdue_seconds } }) => (
        <li key={id}>
          <span>
            {what} <code>{id}</code>, {words(status)}
          </span>
          <span class={overdue_seconds > SWEEP_LATE_S ? 'bad' : 'muted'}>
            {overdue_seconds > 0
              ? `overdue by ${durationText(overdue_seconds)}`
              : `due ${momentText(due_at)}`}
          </span>
        </li>
      ))}
    </ul>
  );
};

const Sweep = ({
  sweep: { seconds_ago, duration_ms, moved, failed, complete },
}: {
  sweep: NonNullable<Operations['last_sweep']>;
}) => (
  <dl class="facts">
    <dt>began</dt>
    <dd class={seconds_ago > SWEEP_LATE_S ? 'number bad' : 'number'}>{durationText(seconds_ago)} ago</dd>
    <dt>took</dt>
    <dd class="number">{counted(duration_ms)} ms</dd>
    <dt>moved on</dt>
    <dd class="number">{counted(moved)}</dd>
    <dt>failed</dt>
    <dd class={failed > 0 ? 'number bad' : 'number'}>{counted(failed)}</dd>
    <dt>read all that was due</dt>
    <dd class="number">{complete ? 'yes' : 'no'}</dd>
  </dl>
);

const Queues = ({ queues }: { queues: NonNullable<Operations['queues']> }) => (
  <Scroll label="Queues">
    <table>
      <thead>
        <tr>
          <th scope="col">Queue</th>
          {QUEUE_COLUMNS.map(({ title, definition }) => (
            <th key={title} scope="col" class="number">
              <Defined definition={definition}>{title}</Defined>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {queues.map(({ name, visible, in_flight, delayed, dead_letters }) => (
          <tr key={name}>
            <th scope="row">{shownLine(name)}</th>
            <td class="number">{counted(visible)}</td>
            <td class="number">{counted(in_flight)}</td>
            <td class="number">{counted(delayed)}</td>
            <td class={dead_letters > 0 ? 'number bad' : 'number'}>{counted(dead_letters)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Scroll>
);

const QUEUE_COLUMNS = [
  {
    title: 'Waiting',
    definition: 'Messages that a function can receive now, by the approximate count of SQS.',
  },
  { title: 'In flight', definition: 'Messages that a function has received and not done yet.' },
  { title: 'Delayed', definition: 'Messages that wait for their time.' },
  {
    title: 'Dead letters',
    definition: 'Messages that failed too often. Someone has to look at them and send them again.',
  },
];
