import { html } from 'hono/html';
import type { Html } from './setting-name.ts';

type Cell = Html | string | number;

export type DataColumn<Row> = {
  title: string;
  /** A second line of the title: the unit, or what the second line of the cells is. */
  small?: string | undefined;
  cell: (row: Row, at: number) => Cell;
  /** Left-aligned, for texts. Figures are right-aligned. The first column is one of names. */
  left?: true;
};

/** A value above a smaller one, such as its interval. */
export const stacked = (value: Cell, small: Cell): Html => html`${value}<small>${small}</small>`;

/** A table whose first column names its rows. It scrolls by itself where it is wider than the page. */
export const dataTable = <Row>(
  name: string,
  columns: readonly DataColumn<Row>[],
  rows: readonly Row[],
): Html =>
  scrolling(name, html`<table>${tableHead(columns)}<tbody>${tableRows(columns, rows)}</tbody></table>`);

/** A region that can be scrolled, also by the keyboard. */
export const scrolling = (name: string, table: Html): Html =>
  html`<div class="scroll" role="region" aria-label="${name}" tabindex="0">${table}</div>`;

export const tableHead = <Row>(columns: readonly DataColumn<Row>[]): Html =>
  html`<thead><tr>${columns.map(
    (column, at) =>
      html`<th scope="col"${alignment(column, at)}>${column.title}${column.small === undefined ? '' : html`<small>${column.small}</small>`}</th>`,
  )}</tr></thead>`;

export const tableRows = <Row>(
  columns: readonly DataColumn<Row>[],
  rows: readonly Row[],
  isMarked: (row: Row) => boolean = () => false,
): Html =>
  html`${rows.map(
    (row, place) =>
      html`<tr${isMarked(row) ? html` class="is-clear"` : ''}>${columns.map((column, at) =>
        at === 0
          ? html`<th scope="row">${column.cell(row, place)}</th>`
          : html`<td${alignment(column, at)}>${column.cell(row, place)}</td>`,
      )}</tr>`,
  )}`;

const alignment = <Row>({ left }: DataColumn<Row>, at: number): Html =>
  left || at === 0 ? html`` : html` class="number"`;
