import { defineResults } from '../../base/result.ts';

export const engineResults = defineResults({
  ENGINE_BUSY: [
    150,
    503,
    'The queue of envelopes is full.',
    'Send again after the time that Retry-After names.',
  ],
  ENGINE_STOPPING: [
    151,
    503,
    'The node is stopping and takes no more envelopes.',
    'Send again when the node is back, or to another node.',
  ],
  ENGINE_BEHIND: [
    152,
    503,
    'The node is behind its network and cannot judge the envelope yet.',
    'Send the same envelope to another node, or again when GET /readyz says that this one is ready.',
  ],
  ENGINE_CLOCK: [
    153,
    503,
    'The node makes no block, because its clock cannot be right or is not confirmed.',
    'Send the same envelope again when GET /readyz says that the node is ready; its operator sets the clock right or confirms it.',
  ],
  ENGINE_ENVELOPE_LIMIT: [
    154,
    413,
    'Genesis allows an envelope of this size, and CometBFT beside this node does not take it.',
    'Send the same envelope to another node, or fewer operations in each; the operator raises the limit of CometBFT.',
  ],
});
