import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiLimits } from './limits.ts';

type Bounds = Pick<
  ApiLimits,
  'uploadBytesPerSecondMin' | 'uploadWindowMs' | 'slowUploadsPerOrganisationMax'
>;

/** How fast a body comes at least. */
export interface BodyRate {
  readonly bytesPerSecondMin: number;
  /** In each such window, or its end. */
  readonly windowMs: number;
}

/**
 * Bodies that may come slowly: content of an organisation whose signature was checked, and for which room
 * is reserved. Each organisation has so many at a time; what it sends beside them comes as fast as any
 * other body.
 */
export class SlowUploads {
  readonly #limits: Bounds;
  readonly #allow: (request: IncomingMessage, rate: BodyRate) => void;
  readonly #byOrganisation = new Map<string, number>();

  /** @param allow sets the rate of a body that is watched */
  constructor(limits: Bounds, allow: (request: IncomingMessage, rate: BodyRate) => void) {
    this.#limits = limits;
    this.#allow = allow;
  }

  /** From here on, until it is answered. */
  take(request: IncomingMessage, response: ServerResponse, organisationId: string): void {
    const limits = this.#limits;
    const own = this.#byOrganisation.get(organisationId) ?? 0;
    if (response.closed || own >= limits.slowUploadsPerOrganisationMax) return;
    this.#byOrganisation.set(organisationId, own + 1);
    response.once('close', () => this.#release(organisationId));
    const { uploadBytesPerSecondMin: bytesPerSecondMin, uploadWindowMs: windowMs } = limits;
    this.#allow(request, { bytesPerSecondMin, windowMs });
  }

  #release(organisationId: string): void {
    const left = (this.#byOrganisation.get(organisationId) ?? 0) - 1;
    if (left > 0) this.#byOrganisation.set(organisationId, left);
    else this.#byOrganisation.delete(organisationId);
  }
}
