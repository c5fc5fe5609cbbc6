import type { ApiKey } from '../../lib/keys/api-key.ts';
import { addKey, disableKey, listKeys, rotateKeys } from '../../lib/keys/manage-keys.ts';
import { type Command, chooseCommand } from '../command.ts';
import { type Action, actionCommand, summaryOf, WHERE } from './action.ts';
import { budgetAction } from './budget.ts';

const SHOWN_DIGITS = 12;

const ACTIONS: Record<string, Action> = {
  add: {
    words: 'add <caller>',
    fewest: 1,
    most: 1,
    help: `Makes a further key for a caller and prints it, this once. Earlier keys of the caller stay valid.`,
    run: async ([caller = ''], deps) => {
      const { key, secret } = await addKey(caller, deps);
      showSecret(secret, key);
    },
  },
  list: {
    words: 'list [caller]',
    fewest: 0,
    most: 1,
    help: `Lists the keys of a caller or of all: the beginning of the sha256, since when, and whether it is disabled.`,
    run: async ([caller], deps) => showKeys(await listKeys(caller, deps)),
  },
  rotate: {
    words: 'rotate <caller>',
    fewest: 1,
    most: 1,
    help: `Makes a new key for a caller, prints it, this once, and disables the keys the caller had.
To let both work for a while, use add, and disable later.`,
    run: async ([caller = ''], deps) => {
      const { key, secret, disabled } = await rotateKeys(caller, deps);
      showSecret(secret, key);
      for (const earlier of disabled) console.error(disabledLine(earlier));
    },
  },
  disable: {
    words: 'disable <sha256-prefix>',
    fewest: 1,
    most: 1,
    help: `Disables the key whose sha256 begins with these hex digits (eight at least; list shows them).`,
    run: async ([prefix = ''], deps) => console.error(disabledLine(await disableKey(prefix, deps))),
  },
  budget: budgetAction,
};

const HELP = `${Object.values(ACTIONS)
  .map((action) => `  ${action.words.padEnd(26)}${summaryOf(action)}`)
  .join('\n')}

${WHERE}`;

/** `everytoken keys …`: callers' keys. A new secret alone goes to stdout, so that a script can take it. */
export const keysCommand: Command = {
  summary: "callers' keys and budgets: add, list, rotate, disable, budget",
  run: chooseCommand({
    name: 'keys',
    kind: 'action',
    help: HELP,
    commands: Object.fromEntries(
      Object.entries(ACTIONS).map(([name, action]) => [name, actionCommand(action)]),
    ),
  }),
};

const digitsOf = ({ sha256 }: ApiKey): string => sha256.slice(0, SHOWN_DIGITS);

const showSecret = (secret: string, key: ApiKey): void => {
  console.log(secret);
  console.error(`key ${digitsOf(key)} of ${key.caller}; its secret is not stored: keep it now`);
};

const disabledLine = (key: ApiKey): string =>
  `key ${digitsOf(key)} of ${key.caller} is disabled; where it was just used it may serve for a minute more`;

const showKeys = (keys: ApiKey[]): void => {
  if (keys.length === 0) console.error('no keys; make one with npx everytoken keys add <caller>');
  const width = Math.max(...keys.map(({ caller }) => caller.length), 'caller'.length);
  if (keys.length > 0) console.log(`${'key'.padEnd(SHOWN_DIGITS)}  ${'caller'.padEnd(width)}  since`);
  for (const key of keys) {
    const state = key.disabled ? '  disabled' : '';
    console.log(`${digitsOf(key)}  ${key.caller.padEnd(width)}  ${key.createdAt}${state}`);
  }
};
