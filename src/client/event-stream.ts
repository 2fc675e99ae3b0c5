/** Server-sent events, read from a response body as the WHATWG specification parses them. */
import { OperationalError } from '../base/operational-error.ts';

export interface ServerEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/** Of one event, and of a line that has no end yet: no exchange writes as much. */
const eventCharactersMax = 16 * 1024 * 1024;

const tooLong = (): OperationalError =>
  new OperationalError(
    'EXCHANGE_ANSWER',
    `The event stream holds an event of more than ${eventCharactersMax} characters. Check that the ` +
      'address is of an exchange.',
  );

/**
 * Yields events until the stream ends or fails. Comments (heartbeats) are passed over. Throws
 * OperationalError EXCHANGE_ANSWER for an event that is too long for any exchange's.
 */
export async function* serverEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  let id = '';
  let type = '';
  let data: string[] = [];
  let size = 0;
  for await (const line of linesOf(body)) {
    size += line.length;
    if (size > eventCharactersMax) throw tooLong();
    if (line === '') {
      size = 0;
      if (data.length > 0) yield { id, type: type || 'message', data: data.join('\n') };
      type = '';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') type = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  }
}

/** Lines end in LF, CR or CRLF; a last line without its end is dropped, as it may be cut short. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let held = '';
  let endsInCr = false;
  for await (const piece of body) {
    const text = decoder.decode(piece, { stream: true });
    if (text === '') continue;
    held += text;
    if (held.length > eventCharactersMax) throw tooLong();
    const hasEnd = endsInCr || /[\r\n]/.test(text);
    endsInCr = text.endsWith('\r');
    // What was held has no end but that CR: it is not looked through anew with each piece.
    if (!hasEnd) continue;
    // A CR at the very end may be half of a CRLF: it waits for what follows.
    const lines = held.split(/\r\n|\n|\r(?!$)/);
    held = lines.pop() ?? '';
    yield* lines;
  }
}
