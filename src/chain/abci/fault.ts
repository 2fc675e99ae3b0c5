/** CometBFT asked for what its protocol forbids: an exception answers it, and nothing changes. */
export class AbciFault extends Error {
  override readonly name = 'AbciFault';
}
