/** A row as it was read. `fault` says what is wrong with it; `isOpen` means that a quote was never closed. */
export type CsvRow = { cells: string[]; fault: string | null; isOpen: boolean };

/** Whether all cells of a row are empty, as rows are that a spreadsheet writes below a table. */
export const isBlankRow = ({ cells, fault, isOpen }: CsvRow): boolean =>
  fault === null && !isOpen && cells.every((cell) => cell.trim() === '');

/** Assembles rows from stretches of text. */
type RowReader = {
  /** Adds a stretch of one line, without its line break; `endsLine` if that follows. True if the row ends with it. */
  add(text: string, endsLine: boolean): boolean;
  /** Returns the row so far and begins another. */
  take(): CsvRow;
};

type Place = 'start' | 'plain' | 'quoted' | 'closing' | 'closed';

const QUOTE = '"';

/**
 * Makes a reader of rows as RFC 4180 defines them: a cell that begins with a quote extends, across line breaks, to the
 * closing quote, and a doubled quote within it stands for one. Unlike there, a quote elsewhere is an ordinary
 * character. The text of a row over `maxLength` characters is dropped while it is read; its quotes are still tracked,
 * so that the next row is found. Without a delimiter each row is one cell. https://www.rfc-editor.org/rfc/rfc4180
 */
export const makeRowReader = (delimiter: string | null, maxLength: number): RowReader => {
  let place: Place = 'start';
  let cells: string[] = [];
  let cell = '';
  let length = 0;
  let fault: string | null = null;

  const keep = (text: string) => {
    length += text.length;
    if (length > maxLength) {
      cells = [];
      cell = '';
    } else cell += text;
  };
  const endCell = () => {
    if (length <= maxLength) cells.push(cell);
    cell = '';
    length += 1;
    place = 'start';
  };
  /** Passes the text up to the next delimiter to `each`, and ends the cell at the delimiter. */
  const untilDelimiter = (text: string, at: number, each: (stretch: string) => void): number => {
    const to = delimiter === null ? -1 : text.indexOf(delimiter, at);
    each(text.slice(at, to === -1 ? text.length : to));
    if (to === -1) return text.length;
    endCell();
    return to + 1;
  };
  const afterQuotes = (stretch: string) => {
    if (stretch.trim() !== '') {
      fault ??= `cell ${cells.length + 1}: text follows the closing quote; write a quote within quotes as ""`;
    }
  };
  const step = (text: string, at: number): number => {
    switch (place) {
      case 'start':
        place = text.startsWith(QUOTE, at) ? 'quoted' : 'plain';
        return place === 'quoted' ? at + 1 : at;
      case 'plain':
        return untilDelimiter(text, at, keep);
      case 'quoted': {
        const to = text.indexOf(QUOTE, at);
        keep(text.slice(at, to === -1 ? text.length : to));
        if (to === -1) return text.length;
        place = 'closing';
        return to + 1;
      }
      case 'closing': {
        const isDoubled = text.startsWith(QUOTE, at);
        place = isDoubled ? 'quoted' : 'closed';
        if (isDoubled) keep(QUOTE);
        return isDoubled ? at + 1 : at;
      }
      case 'closed':
        return untilDelimiter(text, at, afterQuotes);
    }
  };

  return {
    add(text, endsLine) {
      for (let at = 0; at < text.length; ) at = step(text, at);
      if (endsLine && place === 'quoted') keep('\n');
      return endsLine && place !== 'quoted';
    },
    take() {
      // Drop the CR of a CRLF here: it may have come with an earlier stretch than its LF.
      if (place === 'plain' && cell.endsWith('\r')) cell = cell.slice(0, -1);
      const isOpen = place === 'quoted';
      endCell();
      const row = { cells, fault, isOpen };
      cells = [];
      length = 0;
      fault = null;
      return row;
    },
  };
};
