import type { Generation, RunEvent } from '../../client/index.ts';
import { flowText } from '../terminal/flow.ts';
import { wrap } from '../terminal/layout.ts';
import { printable, printableLine, printablePieces } from '../terminal/printable.ts';
import type { Screen } from '../terminal/screen.ts';
import { fitSideBySide, showTexts } from '../terminal/texts.ts';
import { outputText } from './whole-outputs.ts';

/** Shows the outputs of a run as they are generated. */
export type LiveOutputs = {
  onEvent(event: RunEvent): void;
  /** Prints a line for people, where it does not disturb the outputs. */
  say(line: string): void;
  /** Prints what is not there yet of the finished outputs, in the order of the titles. */
  finish(outputs: Generation[]): void;
  /** Leaves what is there, so that other lines can be printed below. */
  stop(): void;
};

/**
 * One output flows on a terminal; several stand side by side where they fit. Elsewhere, and in a pipe, finished outputs
 * are printed one after another: a text may be void when the model is asked again, and a pipe cannot take it back.
 */
export const showOutputs = (
  screen: Screen,
  titles: readonly string[],
  note: (text: string) => void,
): LiveOutputs => {
  if (titles.length === 1 && screen.isTerminal) return flowing(screen);
  if (titles.length > 1 && screen.isLive && fitSideBySide(titles.length, screen.width()))
    return sideBySide(screen, titles);
  return oneAfterAnother(screen, titles, note);
};

const failureOf = ({ error }: Generation): string =>
  error === null ? '(no text)' : `(failed: ${printableLine(error.code)})`;

const flowing = (screen: Screen): LiveOutputs => {
  let pieces = printablePieces();
  let flow = flowText(screen.width);
  let received = '';
  let shown = '';
  const write = (text: string) => {
    const more = shown === '' ? text.trimStart() : text;
    screen.write(flow.add(more));
    shown += more;
  };
  const endLine = () => {
    if (shown !== '' && !shown.endsWith('\n')) screen.line();
  };
  const add = (text: string) => {
    received += text;
    write(pieces.add(text));
  };
  const again = (reason: string) => {
    write(pieces.end());
    endLine();
    if (shown !== '') screen.line(screen.dim(`· ${reason}`));
    [pieces, flow, received, shown] = [printablePieces(), flowText(screen.width), '', ''];
  };
  return {
    onEvent: (event) => {
      if (event.type === 'generation.token') add(event.text);
      if (event.type === 'generation.restarted')
        again(`the model is asked again, attempt ${event.attempt}: the text above is void`);
    },
    say: (line) => {
      endLine();
      screen.line(screen.dim(line));
    },
    finish: (outputs) => {
      const [output] = outputs;
      const text = output === undefined ? '' : outputText(output);
      if (text.startsWith(received)) add(text.slice(received.length));
      else {
        again('the whole text');
        add(text);
      }
      write(pieces.end());
      if (shown === '' && output !== undefined) screen.line(screen.dim(failureOf(output)));
      endLine();
    },
    stop: endLine,
  };
};

const sideBySide = (screen: Screen, titles: readonly string[]): LiveOutputs => {
  const texts = showTexts(screen, titles);
  const parts = titles.map(() => ({ text: '', calls: new Map<number, string>() }));
  const show = (index: number, change: (part: (typeof parts)[number]) => void) => {
    const part = parts[index];
    if (part === undefined) return;
    change(part);
    texts.update(index, [part.text, ...part.calls.values()].filter((each) => each !== '').join('\n'));
  };
  return {
    onEvent: (event) => {
      if (event.type === 'generation.token') show(event.index, (part) => (part.text += event.text));
      if (event.type === 'generation.tool_call')
        show(event.index, ({ calls }) => calls.set(event.call, `${event.name}(`));
      if (event.type === 'generation.tool_arguments')
        show(event.index, ({ calls }) => calls.set(event.call, (calls.get(event.call) ?? '') + event.text));
      if (event.type === 'generation.restarted')
        show(event.index, (part) => {
          part.text = '';
          part.calls.clear();
        });
    },
    say: (line) => texts.above(screen.dim(line)),
    finish: (outputs) => {
      for (const [at, output] of outputs.entries()) texts.update(at, outputText(output) || failureOf(output));
      texts.finish();
    },
    stop: texts.stop,
  };
};

/** The lines of a finished text: wrapped between words on a terminal, as it is elsewhere. */
const linesOf = (text: string, screen: Screen): string[] =>
  screen.isTerminal
    ? wrap(printable(text).trimEnd(), screen.width())
    : [text.split('\t').map(printable).join('\t').replace(/\n$/, '')];

const oneAfterAnother = (
  screen: Screen,
  titles: readonly string[],
  note: (text: string) => void,
): LiveOutputs => {
  const live = screen.isLive ? screen.live() : undefined;
  let ended = 0;
  const showProgress = () => live?.show([screen.dim(`· ${ended} of ${titles.length} generated`)]);
  showProgress();
  return {
    onEvent: ({ type }) => {
      if (type !== 'generation.completed') return;
      ended += 1;
      showProgress();
    },
    say: (line) => (live ? live.above(screen.dim(line)) : note(line)),
    finish: (outputs) => {
      live?.show([]);
      for (const [at, output] of outputs.entries()) {
        const text = outputText(output);
        if (titles.length > 1) screen.line(screen.bold(printableLine(titles[at] ?? '')));
        if (text !== '') for (const line of linesOf(text, screen)) screen.line(line);
        else if (titles.length > 1) screen.line(screen.dim(failureOf(output)));
        if (titles.length > 1 && at < titles.length - 1) screen.line();
      }
    },
    stop: () => live?.show([]),
  };
};
