const OTHER_NAME = { max_tokens: 'max_completion_tokens', max_completion_tokens: 'max_tokens' } as const;

export type TokenLimit = keyof typeof OTHER_NAME;

/** Whether a field is the token limit, under either name: it is renamed where it is refused, never dropped. */
export const isLimit = (field: string): field is TokenLimit => Object.hasOwn(OTHER_NAME, field);

export const otherLimitName = (name: TokenLimit): TokenLimit => OTHER_NAME[name];
