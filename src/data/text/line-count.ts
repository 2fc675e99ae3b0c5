import type { Place } from '../table-fault.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Where in a text its reader is. */
export class LineCount {
  #lineFeeds = 0;
  #returns = 0;
  /** Characters since the last line end. */
  #characters = 0;

  /** @param text well-formed UTF-8, whole characters */
  add(text: Uint8Array): void {
    const end = this.#lineFeeds === 0 ? this.#countReturns(text) : 0;
    let last = end;
    for (let at = text.indexOf(lineFeed); at >= 0; at = text.indexOf(lineFeed, at + 1)) {
      this.#lineFeeds += 1;
      last = at + 1;
    }
    if (last > 0) this.#characters = 0;
    this.#characters += charactersIn(text, last);
  }

  /** Of the next character. Lines end by line feeds or, in a text without any, by returns. */
  get place(): Place & { readonly line: number; readonly column: number } {
    const lines = this.#lineFeeds === 0 ? this.#returns : this.#lineFeeds;
    return { line: lines + 1, column: this.#characters + 1 };
  }

  /** @returns the place behind the last one. */
  #countReturns(text: Uint8Array): number {
    let last = 0;
    for (let at = text.indexOf(carriageReturn); at >= 0; at = text.indexOf(carriageReturn, last)) {
      this.#returns += 1;
      last = at + 1;
    }
    return last;
  }
}

/** Every byte but those that go on with a character. */
function charactersIn(text: Uint8Array, from: number): number {
  let count = 0;
  for (let at = from; at < text.length; at += 1) {
    if (((text[at] ?? 0) & 0xc0) !== 0x80) count += 1;
  }
  return count;
}

export const placeText = ({ line, column }: Place): string =>
  `line ${line ?? '?'}${column === null ? '' : `, column ${column}`}`;
