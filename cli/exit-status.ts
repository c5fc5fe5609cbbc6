/** The exit statuses of every command; docs/cli.md lists them. */
export const ExitStatus = {
  ok: 0,
  /** The work was refused or failed as a whole; `audit`, `replay` and `erase`: something is left to do. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** It ended, but some of its rows or generations failed. */
  partlyFailed: 3,
  /** An objective or a check was not met, and the command was told to fail then. */
  notMet: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const;
