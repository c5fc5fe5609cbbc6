/**
 * Formats a row of a table, with its line break. A cell that a spreadsheet might run as a formula is defused; numbers
 * stay numbers. https://owasp.org/www-community/attacks/CSV_Injection
 */
export const csvRow = (cells: (string | number | null | undefined)[], delimiter: string): string => {
  const written = cells.map((cell, at) => {
    const text = typeof cell === 'number' ? numberOf(cell, delimiter) : (cell ?? '');
    if (NUMBER.test(text)) return quoted(text, delimiter);
    // Where a spreadsheet splits cells elsewhere, a text behind a number with a sign would go on with its formula.
    const before = cells[at - 1];
    const mustQuote = before !== undefined && before !== null && SIGNED.test(String(before));
    return quoted(defused(text), delimiter, mustQuote);
  });
  return `${written.join(delimiter)}\r\n`;
};

const SIGNED = /^[+-]/;
/** A plain number is not a formula, even with a sign. */
const NUMBER = /^[+-]?\d+(?:[.,'’]\d+)*(?:e[+-]?\d+)?%?$/i;

/**
 * Spaces, invisible characters and quotes, which spreadsheets pass over before a sign. Apostrophes are among them, so
 * that the added one can be told from those of the text.
 */
const PASSED_OVER = String.raw`[[\p{Z}\p{Cf}\p{Cc}"'‘’“”]--[\t\r\n]]*`;
/** A cell that begins with one of these is run as a formula: also with full-width and small forms, a tab or a CR. */
const SIGN = String.raw`(?:[=+\-@\t＝＋－＠﹦﹢﹣﹫]|\r(?!\n))`;
/** Where a cell with a formula could begin, whichever delimiter the spreadsheet takes: it depends on the country. */
const FORMULA = new RegExp(
  String.raw`(?<=^|[,;\|\t\r\n])(?=${PASSED_OVER}${SIGN})|^(?=${PASSED_OVER}\r)`,
  'gv',
);

/** Adds an apostrophe wherever a cell with a formula could begin. */
const defused = (text: string): string => text.replace(FORMULA, "'");

/**
 * Formats an added number without an exponent and with nine decimals at most (a billionth of a USD). In a table with
 * semicolons it has a decimal comma, as Excel writes and reads such tables.
 */
const numberOf = (value: number, delimiter: string): string => {
  const text = value.toFixed(9).replace(/0+$/, '').replace(/\.$/, '');
  return delimiter === ';' ? text.replace('.', ',') : text;
};

const quoted = (text: string, delimiter: string, isAlways = false): string =>
  isAlways || text.includes(delimiter) || /["\r\n]|^\s|\s$/.test(text)
    ? `"${text.replaceAll('"', '""')}"`
    : text;
