import { assert } from '../../base/assert.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import { bytes, digest, integer, list, nullable, record, text, Type } from '../../base/schema.ts';
import { formatVerifierKey, noteBytesMax } from '../../chain/checkpoint/note.ts';
import type { Publication, PublishedNote } from '../../chain/checkpoint/publication.ts';
import { Problem } from '../problem.ts';
import { positionMax } from '../receipt.ts';
import { apiResults } from '../results.ts';
import { defineRoute, jsonType, ok, type Reply, type Route, type Services } from '../route.ts';

const noteType = 'text/plain';

const place = (description = '') => integer(0, positionMax, description);

/** Where a note stands, and by whom it is cosigned. */
const notedSchema = record({
  height: place(),
  headerHash: digest('Of the block’s header, which the note names'),
  logSize: place('Leaves'),
  note: Type.String({ description: 'The signed note, with its cosignatures' }),
  cosigned: list(
    record({ witness: text(200), timestampS: integer(0, positionMax, 'Seconds since the epoch') }),
    0,
    1000,
  ),
});

const witnessSchema = record({
  name: Type.String({ description: 'In the operator’s policy' }),
  key: Type.String({ description: 'Verifier key of c2sp.org/signed-note' }),
  logSize: place('Leaves of the newest note that it cosigned; 0: none since the node started'),
  timestampS: nullable(integer(0, positionMax, 'Of that cosignature')),
  problem: nullable(Type.String({ description: 'Why the last attempt failed' })),
});

const notedView = (note: PublishedNote | null) =>
  note && {
    height: note.height,
    headerHash: note.headerHash,
    logSize: note.logSize,
    note: fromUtf8(note.bytes),
    cosigned: [...note.cosigned].map(([witness, timestampS]) => ({ witness, timestampS })),
  };

function publicationOf({ publication }: Services): Publication {
  if (publication) return publication;
  throw new Problem(apiResults.NOT_FOUND, 'This node signs no notes of the log.');
}

const noteReply = ({ bytes: note }: PublishedNote): Reply => ({
  status: 200,
  type: noteType,
  body: fromUtf8(note),
});

const noneYet = () => new Problem(apiResults.CHECKPOINT_NOT_FOUND, 'No note is signed yet.');

export const logRoutes: readonly Route[] = [
  defineRoute({
    id: 'getNote',
    method: 'get',
    path: '/checkpoint',
    tag: 'Log',
    summary: 'The log’s checkpoint as a signed note',
    description:
      'As c2sp.org/tlog-checkpoint has it: the newest that has the cosignatures which the ' +
      'operator’s policy asks for; where it asks for none, the newest.',
    responses: { 200: { description: 'The signed note.', type: noteType } },
    problems: [
      apiResults.NOT_FOUND,
      apiResults.CHECKPOINT_NOT_FOUND,
      apiResults.CHECKPOINT_NOT_WITNESSED,
    ],
    handle: ({ services }) => {
      const publication = publicationOf(services);
      const latest = publication.latest();
      if (!latest) throw noneYet();
      const note = publication.required === 0 ? latest : publication.witnessed();
      if (note) return noteReply(note);
      throw new Problem(
        apiResults.CHECKPOINT_NOT_WITNESSED,
        `${publication.required} cosignatures are asked for.`,
      );
    },
  }),
  defineRoute({
    id: 'getLatestNote',
    method: 'get',
    path: '/checkpoint/latest',
    tag: 'Log',
    summary: 'The newest note, with the cosignatures that it has by now',
    description: 'For witnesses that come for it; others read /checkpoint.',
    responses: { 200: { description: 'The signed note.', type: noteType } },
    problems: [apiResults.NOT_FOUND, apiResults.CHECKPOINT_NOT_FOUND],
    handle: ({ services }) => {
      const latest = publicationOf(services).latest();
      if (!latest) throw noneYet();
      return noteReply(latest);
    },
  }),
  defineRoute({
    id: 'getLog',
    method: 'get',
    path: '/v1/log',
    tag: 'Log',
    summary: 'How the log is published: name, key, witnesses, newest notes',
    responses: ok(
      'What to pin, and where the witnesses stand.',
      record({
        origin: Type.String({ description: 'First line of every note, and name of the key' }),
        logKey: Type.String({ description: 'Verifier key of c2sp.org/signed-note' }),
        keyClaim: nullable(
          bytes(
            64,
            64,
            'Block signer’s signature that says whose key it is (docs/witness.md), hex',
          ),
        ),
        required: place('Cosignatures that a witnessed checkpoint has at least; 0: none'),
        latest: nullable(notedSchema),
        witnessed: nullable(notedSchema),
        witnesses: list(witnessSchema, 0, 1000),
      }),
    ),
    problems: [apiResults.NOT_FOUND],
    handle: ({ services }) => {
      const publication = publicationOf(services);
      const latest = notedView(publication.latest());
      const { origin, logKey, keyClaim, required } = publication;
      return {
        status: 200,
        body: {
          ...{ origin, keyClaim, required },
          logKey: formatVerifierKey(logKey),
          latest,
          witnessed: notedView(publication.witnessed()),
          witnesses: publication
            .witnesses()
            .map((witness) => ({ ...witness, key: formatVerifierKey(witness.key) })),
        },
      };
    },
  }),
  defineRoute({
    id: 'deliverCosignatures',
    method: 'post',
    path: '/v1/log/cosignatures',
    tag: 'Log',
    summary: 'Brings cosignatures of the log’s newest note',
    description:
      'For a witness that nobody can call: it fetches /checkpoint/latest, cosigns, and sends the ' +
      'note back. The cosignature is all the authority that is asked for.',
    body: { bytes: noteType, bytesMax: () => noteBytesMax },
    responses: {
      200: {
        description: 'Taken.',
        type: jsonType,
        schema: record({ witnesses: list(text(200), 1, 1000) }),
      },
    },
    problems: [apiResults.NOT_FOUND, apiResults.NOTE_UNKNOWN, apiResults.COSIGNATURE_REFUSED],
    handle: async ({ services, body }) => {
      assert(body.kind === 'bytes', 'the body is bytes');
      const delivered = await publicationOf(services).deliver(body.bytes);
      if (delivered.outcome === 'taken') {
        return { status: 200, body: { witnesses: delivered.witnesses } };
      }
      if (delivered.outcome === 'unknown-note') {
        throw new Problem(apiResults.NOTE_UNKNOWN, 'It was signed too long ago, or never.');
      }
      throw new Problem(apiResults.COSIGNATURE_REFUSED, '/v1/log names the witnesses and keys.');
    },
  }),
];
