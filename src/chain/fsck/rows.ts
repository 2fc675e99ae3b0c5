/** Rows of one table in order, taken as far as a block reaches. */
export class Rows<Row> {
  readonly #rows: AsyncIterator<Row>;
  #next: Row | null = null;
  #ended = false;

  constructor(rows: AsyncIterable<Row>) {
    this.#rows = rows[Symbol.asyncIterator]();
  }

  /** The next row without taking it; null at the end. */
  async peek(): Promise<Row | null> {
    if (this.#next === null && !this.#ended) {
      const next = await this.#rows.next();
      if (next.done === true) this.#ended = true;
      else this.#next = next.value;
    }
    return this.#next;
  }

  async take(): Promise<Row | null> {
    const row = await this.peek();
    this.#next = null;
    return row;
  }

  async takeWhile(wanted: (row: Row) => boolean): Promise<Row[]> {
    const taken: Row[] = [];
    for (let row = await this.peek(); row !== null && wanted(row); row = await this.peek()) {
      taken.push(row);
      this.#next = null;
    }
    return taken;
  }
}
