/**
 * The formats of strings that OpenAI's structured outputs know, and `uri`: a pattern for each, of plain examples only
 * (https://platform.openai.com/docs/guides/structured-outputs). Addresses are those reserved for documentation.
 */
export const FORMATS: ReadonlyMap<string, string> = new Map([
  ['date', '(?:19|20)\\d\\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])'],
  ['time', '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\dZ'],
  [
    'date-time',
    '(?:19|20)\\d\\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\dZ',
  ],
  ['duration', 'P(?:[1-9]D|T[1-9]H|T[1-5]\\dM)'],
  ['email', '[a-z]{3,10}@example\\.(?:com|org|net)'],
  ['hostname', '[a-z]{3,10}\\.example\\.(?:com|org|net)'],
  ['ipv4', '(?:192\\.0\\.2|198\\.51\\.100|203\\.0\\.113)\\.(?:[1-9]?\\d|1\\d\\d)'],
  ['ipv6', '2001:db8:(?:[0-9a-f]{4}:){5}[0-9a-f]{4}'],
  ['uuid', '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'],
  ['uri', 'https://example\\.com/[a-z]{3,10}'],
]);
