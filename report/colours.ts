/**
 * The colours of reports and of the dashboard as CSS variables. Texts have at least 4.5:1 on paper and panel, series at
 * least 3:1; the series differ with any colour vision deficiency.
 */
export const LIGHT = `
--paper: #ffffff; --panel: #f6f7f9; --ink: #16191d; --muted: #59616b; --line: #dfe3e8;
--accent: #1f57c9; --accent-soft: #e8effc; --mark: #fdeab0; --good: #0a6b3d; --bad: #b3261e;
--series-0: #0072b2; --series-1: #c65102; --series-2: #00805e; --series-3: #a8327d;
--series-4: #8a6d00; --series-5: #5a5fc4; --series-6: #3f7f93; --series-7: #6b6b6b;
`;

export const DARK = `
--paper: #14171b; --panel: #1c2026; --ink: #e9ecf0; --muted: #a3acb7; --line: #313740;
--accent: #8db4ff; --accent-soft: #22304a; --mark: #574716; --good: #6fd6a0; --bad: #ff9b92;
--series-0: #5db4ea; --series-1: #ff9d5c; --series-2: #35c79c; --series-3: #ee8fc8;
--series-4: #e0c34d; --series-5: #a9adff; --series-6: #7fc4d6; --series-7: #b5b5b5;
`;

/** A style sheet for pages whose reader can choose: by the system, or by `data-theme` on the root. */
export const coloursSheet = (): string => `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root:not([data-theme='light']) { ${DARK} } }
:root[data-theme='light'] { color-scheme: light; }
:root[data-theme='dark'] { color-scheme: dark; ${DARK} }
`;
