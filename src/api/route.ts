import type { Request, Response } from 'express';
import type { Readable } from 'node:stream';
import type { ResultCode } from '../base/result.ts';
import { Type, type Static, type TObject, type TSchema } from '../base/schema.ts';
import type { BodyBudget } from './body-holding.ts';
import type { CatchUp } from './catch-up.ts';
import type { HeldBytes } from './held-bytes.ts';
import type { EventFeed } from './event-feed.ts';
import type { Metrics } from './metrics.ts';
import type { ApiParts } from './parts.ts';
import type { LongWork } from './long-work.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { SlowUploads } from './slow-uploads.ts';
import type { StreamPlaces } from './stream-places.ts';

export const jsonType = 'application/json';
export const binaryType = 'application/octet-stream';
export const htmlType = 'text/html';

/** What one app gives to its handlers. */
export interface Services extends ApiParts {
  readonly metrics: Metrics;
  /** Bodies that may come slowly. */
  readonly slowUploads: SlowUploads;
  /** Of event streams. */
  readonly places: StreamPlaces;
  readonly feed: EventFeed;
  /** Of event streams that are behind. */
  readonly catchUp: CatchUp;
  readonly work: LongWork;
  readonly bodies: BodyBudget;
  /** Of large answers. */
  readonly answers: HeldBytes;
  readonly limiter: RateLimiter;
  /** The OpenAPI document, as text; made when it is first asked for. */
  readonly openApi: () => string;
}

export type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown; readonly size: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'stream'; readonly stream: Readable };

export interface Call<Params = unknown, Query = unknown> {
  readonly services: Services;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /**
   * Counts bytes of a large answer against those that the node holds at once, until it is sent.
   * Throws Problem BATCHES_EXHAUSTED where that may not be.
   */
  readonly hold: (bytes: number) => void;
  /** Counts what is known of a request’s cost only now. Throws Problem RATE_LIMITED. */
  readonly charge: (units: number) => void;
  readonly request: Request;
  readonly response: Response;
}

export type Reply =
  | {
      readonly status: number;
      /** JSON unless told otherwise. */
      readonly type?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** A value for JSON or its bytes, else text or bytes. */
      readonly body?: unknown;
    }
  | {
      readonly status: number;
      readonly type: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly stream: Readable;
    }
  /** The handler has written the response itself. */
  | 'written';

export interface ResponseSpec {
  readonly description: string;
  /** null: no body. */
  readonly type: string | null;
  /** Of JSON bodies; others are text or bytes. */
  readonly schema?: TSchema;
  readonly example?: unknown;
}

export interface BodySpec {
  /** Read whole and validated. */
  readonly json?: TSchema;
  /** Read whole as bytes, with this media type. */
  readonly bytes?: string;
  /** Not read before the handler reads it, with this media type. */
  readonly stream?: string;
  /** Of the whole body, from what the chain and the node allow. */
  readonly bytesMax: (services: Services) => number;
}

export interface HeaderSpec {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

/** One operation of the API: its handler, its validation and its documentation. */
export interface Route {
  readonly id: string;
  readonly method: 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options';
  /** With `{name}` for each member of `params`; `{+name}` takes slashes too, at the end. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly params: TObject;
  readonly query: TObject;
  readonly headers: readonly HeaderSpec[];
  readonly body: BodySpec | null;
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  /** Beside those that every route may answer with. */
  readonly problems: readonly ResultCode[];
  /** False where nothing that can fail is asked, so that INTERNAL is no answer of it. */
  readonly mayFail: boolean;
  /**
   * Units of the rate limit beyond the first: what a request asks for, in plain reads. A unit is
   * about 50 µs of the thread, or 1 ms of a database connection.
   */
  readonly cost: (asked: Asked) => number;
  /** Before the body is read: throws Problem where the request would be refused in the end. */
  readonly admit: ((services: Services, request: Request) => void) | null;
  readonly handle: (call: Call) => Promise<Reply> | Reply;
}

/** A request as it came. */
export type Asked<Params = unknown, Query = unknown> = Pick<
  Call<Params, Query>,
  'params' | 'query' | 'body'
>;

const noFields = Type.Object({}, { additionalProperties: false });

type Defaults =
  | 'params'
  | 'query'
  | 'headers'
  | 'body'
  | 'problems'
  | 'description'
  | 'mayFail'
  | 'cost'
  | 'admit';

type RouteInput<Params extends TObject, Query extends TObject> = Omit<Route, Defaults | 'handle'> &
  Partial<Pick<Route, 'headers' | 'body' | 'problems' | 'description' | 'mayFail' | 'admit'>> & {
    readonly params?: Params;
    readonly query?: Query;
    readonly cost?: (asked: Asked<Static<Params>, Static<Query>>) => number;
    readonly handle: (call: Call<Static<Params>, Static<Query>>) => Promise<Reply> | Reply;
  };

export function defineRoute<
  Params extends TObject = typeof noFields,
  Query extends TObject = typeof noFields,
>(route: RouteInput<Params, Query>): Route {
  return {
    params: noFields,
    query: noFields,
    headers: [],
    body: null,
    problems: [],
    description: '',
    mayFail: true,
    admit: null,
    ...route,
    cost: (route.cost as Route['cost'] | undefined) ?? (() => 0),
    handle: route.handle as Route['handle'],
  };
}

/** The usual answer. */
export const ok = (description: string, schema: TSchema): Route['responses'] => ({
  200: { description, type: jsonType, schema },
});

/** Refers to a schema of the OpenAPI document’s components. */
export const component = (name: string): TSchema =>
  Type.Unsafe<Record<string, unknown>>({ $ref: `#/components/schemas/${name}` });
