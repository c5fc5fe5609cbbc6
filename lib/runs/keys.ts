export const requestKey = (runId: string): string => `requests/${runId}.json`;

export const outputKey = (runId: string, index: number, lease: string): string =>
  `outputs/${runId}/${index}.${lease}.json`;
