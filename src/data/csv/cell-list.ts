/** Places of the cells of a batch, in one list that grows. */
export class CellList {
  starts = new Uint32Array(256);
  ends = new Uint32Array(256);
  length = 0;

  push(start: number, end: number): void {
    if (this.length === this.starts.length) this.#grow();
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.length += 1;
  }

  /** Start and end. */
  at(cell: number): readonly [number, number] {
    return [this.starts[cell] ?? 0, this.ends[cell] ?? 0];
  }

  #grow(): void {
    for (const name of ['starts', 'ends'] as const) {
      const larger = new Uint32Array(2 * this[name].length);
      larger.set(this[name]);
      this[name] = larger;
    }
  }
}
