import type { ComponentType } from 'preact';
import type { IconName } from '../parts/icon.tsx';
import type { PageProps } from './page-props.ts';

export type PageModule = { Page: ComponentType<PageProps> };

/** A place in the navigation. Its code and style are loaded when it is opened first. */
export type PageEntry = {
  /** The first segment of its address, and the folder of its code. */
  segment: string;
  title: string;
  icon: IconName;
  /** Opens it after `g`. */
  letter: string;
  load: () => Promise<PageModule>;
  /** The page of one thing, at `segment/ID`, and the folder of its code. */
  one?: { folder: string; load: () => Promise<PageModule> };
};

export const PAGES: readonly PageEntry[] = [
  {
    segment: 'playground',
    title: 'Playground',
    icon: 'playground',
    letter: 'p',
    load: () => import('./playground/page.tsx'),
  },
  {
    segment: 'runs',
    title: 'Runs',
    icon: 'runs',
    letter: 'r',
    load: () => import('./runs/page.tsx'),
    one: { folder: 'run', load: () => import('./run/page.tsx') },
  },
  {
    segment: 'compare',
    title: 'Compare',
    icon: 'compare',
    letter: 'c',
    load: () => import('./compare/page.tsx'),
    one: { folder: 'comparison', load: () => import('./comparison/page.tsx') },
  },
  {
    segment: 'search',
    title: 'Search',
    icon: 'search',
    letter: 's',
    load: () => import('./search/page.tsx'),
  },
  {
    segment: 'files',
    title: 'Files',
    icon: 'files',
    letter: 'f',
    load: () => import('./files/page.tsx'),
    one: { folder: 'file', load: () => import('./file/page.tsx') },
  },
  {
    segment: 'usage',
    title: 'Usage',
    icon: 'usage',
    letter: 'u',
    load: () => import('./usage/page.tsx'),
  },
];

/** The page that an address without a name opens. */
export const [HOME] = PAGES as [PageEntry, ...PageEntry[]];
