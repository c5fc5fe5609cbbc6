import type { ApiKey } from '../../lib/keys/api-key.ts';
import { addKey, disableKey, listKeys, rotateKeys } from '../../lib/keys/manage-keys.ts';
import { type Command, chooseCommand, misuseOf, parseWords } from '../command.ts';
import { WHERE } from '../open-table.ts';
import { type Action, actionCommand, summaryOf } from './action.ts';
import { budgetAction } from './budget.ts';
import { limitsAction } from './limits.ts';

const SHOWN_DIGITS = 12;

const ACTIONS: Record<string, Action> = {
  add: {
    usage: 'add [--operator] <name>',
    minArgs: 1,
    maxArgs: 2,
    optionFirst: true,
    help: `Creates another key for a caller and prints it once. The caller's earlier keys stay valid.
With --operator it is an operator's key: it reads usage, budgets and last use of all callers, and GET /operations, and
nothing that callers or models wrote. An operator needs a name of its own.`,
    run: async (words, deps) => {
      const { values, positionals } = parseWords({
        args: words,
        allowPositionals: true,
        options: { operator: { type: 'boolean', default: false } },
      });
      const [name = '', ...others] = positionals;
      if (others.length > 0 || name === '') throw misuseOf('keys add [--operator] <name>')();
      const { key, secret } = await addKey(name, deps, values);
      showSecret(secret, key);
    },
  },
  list: {
    usage: 'list [caller]',
    minArgs: 0,
    maxArgs: 1,
    help: `Lists the keys of one caller or all: the start of the sha256, the creation time, and whether it is an operator's or disabled.`,
    run: async ([caller], deps) => showKeys(await listKeys(caller, deps)),
  },
  rotate: {
    usage: 'rotate <caller>',
    minArgs: 1,
    maxArgs: 1,
    help: `Creates a new key for a caller, prints it once, and disables the caller's earlier keys.
To keep the earlier keys valid for a while, use add now and disable later.`,
    run: async ([caller = ''], deps) => {
      const { key, secret, disabled } = await rotateKeys(caller, deps);
      showSecret(secret, key);
      for (const earlier of disabled) console.error(disabledLine(earlier));
    },
  },
  disable: {
    usage: 'disable <sha256-prefix>',
    minArgs: 1,
    maxArgs: 1,
    help: `Disables the key whose sha256 starts with these hex digits (at least eight; list shows them).`,
    run: async ([prefix = ''], deps) => console.error(disabledLine(await disableKey(prefix, deps))),
  },
  budget: budgetAction,
  limits: limitsAction,
};

const USAGE_WIDTH = 26;
/** A long usage has a line of its own. */
const lineOf = (action: Action): string =>
  action.usage.length < USAGE_WIDTH
    ? `  ${action.usage.padEnd(USAGE_WIDTH)}${summaryOf(action)}`
    : `  ${action.usage}\n  ${' '.repeat(USAGE_WIDTH)}${summaryOf(action)}`;

const HELP = `${Object.values(ACTIONS).map(lineOf).join('\n')}

${WHERE}`;

/** `everytoken keys …`. It prints a new secret alone to stdout, so that a script can capture it. */
export const keysCommand: Command = {
  summary: "callers' keys, budgets and limits: add, list, rotate, disable, budget, limits",
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
  console.error(`key ${digitsOf(key)} of ${key.caller}; its secret is not stored: save it now`);
};

const disabledLine = (key: ApiKey): string =>
  `key ${digitsOf(key)} of ${key.caller} is disabled; functions that have just used it may accept it for another minute`;

const showKeys = (keys: ApiKey[]): void => {
  if (keys.length === 0) console.error('no keys; create one with npx everytoken keys add <caller>');
  const width = Math.max(...keys.map(({ caller }) => caller.length), 'caller'.length);
  if (keys.length > 0) console.log(`${'key'.padEnd(SHOWN_DIGITS)}  ${'caller'.padEnd(width)}  since`);
  for (const key of keys) {
    const state = `${key.operator ? '  operator' : ''}${key.disabled ? '  disabled' : ''}`;
    console.log(`${digitsOf(key)}  ${key.caller.padEnd(width)}  ${key.createdAt}${state}`);
  }
};
