import { signal } from '@preact/signals';
import { type Address, hrefOf, parseAddress, type Query } from './address.ts';

/** Where the page is. Components that read it are drawn again when it changes. */
export const address = signal<Address>(parseAddress(location.hash));

addEventListener('hashchange', () => {
  address.value = parseAddress(location.hash);
});

/** Goes to a place, which becomes an entry of the history unless it replaces the present one. */
export const go = (href: string, { replace = false } = {}): void => {
  if (replace) history.replaceState(history.state, '', href);
  else history.pushState(null, '', href);
  address.value = parseAddress(href);
};

/**
 * The way on for something that takes a while: call it before, and the result after. It goes nowhere when the reader has
 * gone to another page meanwhile.
 */
export const wayOn = (): typeof go => {
  const pathNow = (): string => hrefOf(address.peek().segments);
  const before = pathNow();
  return (href, options) => {
    if (pathNow() === before) go(href, options);
  };
};

/** Changes some values of the present query, in place: a filter is no step back in the history. */
export const changeQuery = (changes: Query): void => {
  const { segments, query } = address.peek();
  go(hrefOf(segments, { ...Object.fromEntries(query), ...changes }), { replace: true });
};
