/** A row as it was read: its cells, or what is wrong with it. */
export type CsvRow = { cells: string[]; fault: string | null; isOpen: boolean };

/** Takes rows in, stretch by stretch. */
type RowReader = {
  /** Takes a stretch in, without its line break; true when the row ends with the line that `endsLine` closes. */
  add(text: string, endsLine: boolean): boolean;
  /** The row so far, as a whole, and begins another. `isOpen`: a quote was not closed. */
  take(): CsvRow;
};

type Place = 'start' | 'plain' | 'quoted' | 'closing' | 'closed';

const QUOTE = '"';

/**
 * Reads rows by RFC 4180: a cell that begins with a quote goes on, over line breaks, to the next single one, and two
 * stand for one. A quote elsewhere is a character like any other. The text of a row over `maxLength` characters is
 * dropped while it is read; its quotes are still followed, so that the row after it is found. Without a delimiter
 * each row is one cell.
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
  /** Takes up to the next delimiter, and ends the cell there. */
  const untilDelimiter = (text: string, at: number, each: (stretch: string) => void): number => {
    const to = delimiter === null ? -1 : text.indexOf(delimiter, at);
    each(text.slice(at, to === -1 ? text.length : to));
    if (to === -1) return text.length;
    endCell();
    return to + 1;
  };
  const afterQuotes = (stretch: string) => {
    if (stretch.trim() !== '') {
      fault ??= `cell ${cells.length + 1}: something stands after the closing quote; a quote within quotes is written ""`;
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
      // The CR of a line break, which may have come with an earlier stretch than its LF.
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
