import { useEffect, useState } from 'preact/hooks';
import { hrefOf } from './address.ts';
import { apiKey, reader } from './api.ts';
import { address, go } from './location.ts';
import type { PageProps } from './pages/page-props.ts';
import { HOME, PAGES, type PageEntry, type PageModule } from './pages/pages.ts';
import { Boundary } from './parts/boundary.tsx';
import { Icon, type IconName } from './parts/icon.tsx';
import { Failure, Loading } from './parts/states.tsx';
import { isKeyDialogOpen, KeyDialog } from './shell/key-dialog.tsx';
import { Pulse } from './shell/pulse.tsx';
import { SEARCH_ID, Shortcuts } from './shell/shortcuts.tsx';
import { nextTheme, type Theme, theme } from './shell/theme.ts';

const THEME_ICONS: { [Name in Theme]: IconName } = { system: 'system', light: 'sun', dark: 'moon' };

/** The frame of all pages: navigation, the bar with search and state, and the page that the address names. */
export const App = () => {
  const { segments, query } = address.value;
  const [first = HOME.segment, ...rest] = segments;
  const entry = PAGES.find(({ segment }) => segment === first);
  const folder = rest.length > 0 && entry?.one ? entry.one.folder : entry?.segment;
  return (
    <div class="frame" data-page={folder}>
      <button type="button" class="skip" onClick={focusPage}>
        Skip to the page
      </button>
      <Navigation current={entry} />
      <Bar />
      <main class="page" id="page" tabIndex={-1}>
        {entry === undefined ? (
          <>
            <header>
              <h1>There is no such page</h1>
            </header>
            <p>
              Nothing is at <code>{first}</code>. <a href={hrefOf([HOME.segment])}>{HOME.title}</a> is the
              first page.
            </p>
          </>
        ) : (
          // Another key has other runs, files and texts: nothing of the former one's may stay.
          <Boundary
            key={`${reader.value} ${first}/${rest[0] ?? ''}`}
            what="This page cannot show what it has read"
          >
            <OpenPage entry={entry} rest={rest} query={query} />
          </Boundary>
        )}
      </main>
      <KeyDialog />
      <Shortcuts />
    </div>
  );
};

/** A button, since the address after `#` names a page and so cannot name an element. */
const focusPage = (): void => document.getElementById('page')?.focus({ preventScroll: true });

const Navigation = ({ current }: { current: PageEntry | undefined }) => (
  <nav class="nav" aria-label="Pages">
    <a class="brand" href={hrefOf([HOME.segment])}>
      everytoken
    </a>
    <ul>
      {PAGES.map(({ segment, title, icon, letter }) => (
        <li key={segment}>
          <a
            href={hrefOf([segment])}
            aria-current={segment === current?.segment ? 'page' : undefined}
            aria-keyshortcuts={`g ${letter}`}
          >
            <Icon name={icon} />
            {title}
          </a>
        </li>
      ))}
    </ul>
    <footer>
      <a href="docs">API reference</a>
    </footer>
  </nav>
);

const Bar = () => (
  <header class="bar">
    <search>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const q = new FormData(event.currentTarget as HTMLFormElement).get('q');
          go(hrefOf(['search'], { q: typeof q === 'string' ? q.trim() : '' }));
        }}
      >
        <Icon name="search" />
        <input
          id={SEARCH_ID}
          name="q"
          type="search"
          placeholder="Search outputs"
          aria-label="Search outputs by meaning and words"
          aria-keyshortcuts="/"
        />
        <kbd>/</kbd>
      </form>
    </search>
    <div class="end">
      <Pulse />
      <button
        type="button"
        class="button quiet icon-only"
        aria-label={apiKey.value === '' ? 'Give an API key' : 'Change the API key'}
        data-tip={apiKey.value === '' ? 'No API key' : 'An API key is in use'}
        onClick={() => {
          isKeyDialogOpen.value = true;
        }}
      >
        <Icon name="key" />
      </button>
      <button
        type="button"
        class="button quiet icon-only"
        aria-label={`Theme: ${theme.value}; change to ${nextTheme()}`}
        data-tip={`Theme: ${theme.value}`}
        onClick={() => {
          theme.value = nextTheme();
        }}
      >
        <Icon name={THEME_ICONS[theme.value]} />
      </button>
    </div>
  </header>
);

/** Whether a page has been opened since the dashboard was loaded. */
let hasOpened = false;

/** Whether the reader comes back to this entry of the history, to the place that the browser has kept. */
const isSeenAgain = (): boolean => {
  const isSeen = history.state === SEEN;
  history.replaceState(SEEN, '');
  return isSeen;
};
const SEEN = 'seen';

/** Loads a page's code, then shows it. */
const OpenPage = ({ entry, rest, query }: { entry: PageEntry } & PageProps) => {
  const [opened, setOpened] = useState<PageModule | { error: unknown } | undefined>(undefined);
  const load = rest.length > 0 && entry.one ? entry.one.load : entry.load;
  useEffect(() => {
    document.title = `${entry.title} · everytoken`;
    if (!isSeenAgain()) scrollTo(0, 0);
    load().then(setOpened, (error: unknown) => setOpened({ error }));
  }, [entry, load]);
  useEffect(() => {
    if (opened === undefined) return;
    // The link or the key that led here is gone, or lies behind: a reader without a mouse goes on within the page.
    if (hasOpened && !document.querySelector('#page :focus')) focusPage();
    hasOpened = true;
  }, [opened]);
  if (opened === undefined) return <Loading what={entry.title} />;
  if ('error' in opened)
    return (
      <Failure
        error={opened.error}
        what="This page could not be loaded: a newer version may be there"
        retry={() => location.reload()}
      />
    );
  const { Page } = opened;
  return <Page rest={rest} query={query} />;
};
