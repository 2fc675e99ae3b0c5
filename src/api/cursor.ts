import { fromUtf8, utf8 } from '../base/bytes.ts';
import { shown } from '../base/field-fault.ts';
import { Type } from '../base/schema.ts';
import { fromBase64Url, toBase64Url } from './base64url.ts';
import { apiResults } from './results.ts';
import { fieldProblem } from './validate.ts';

/** Query parameters of every list that is read page by page. */
export const pageQuery = {
  after: Type.Optional(
    Type.String({ maxLength: 200, description: '`next` of the page before; absent: the first' }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'Rows of a page at most' }),
  ),
};

export const defaultLimit = 50;

/** `next` of a page. */
export const nextCursor = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  description: 'Pass as `after` for the next page; null: this is the last one now',
});

/** A place in a list, for its own list only: clients pass it back and read nothing into it. */
export const makeCursor = (list: string, place: number): string =>
  toBase64Url(utf8(`1:${list}:${place}`));

/** Throws Problem CURSOR_INVALID for what `makeCursor` did not write for this list. */
export function readCursor(list: string, cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const place = Number(placeOf(list, cursor));
  if (Number.isSafeInteger(place) && makeCursor(list, place) === cursor) return place;
  const example = makeCursor(list, 50);
  const form = `\`next\` of a page of ${list}, unchanged`;
  const message = `${shown(cursor)} is not ${form}, for example ${shown(example)}`;
  throw fieldProblem(apiResults.CURSOR_INVALID, [{ pointer: '/after', message, form, example }]);
}

function placeOf(list: string, cursor: string): string | undefined {
  const bytes = fromBase64Url(cursor);
  if (bytes === null) return undefined;
  const prefix = `1:${list}:`;
  try {
    const words = fromUtf8(bytes);
    return words.startsWith(prefix) ? words.slice(prefix.length) : undefined;
  } catch {
    return undefined;
  }
}

/** Splits what was read with one row too many into a page and whether more follows. */
export function cutPage<Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (last: Row) => string,
): { readonly page: readonly Row[]; readonly next: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
