interface WasmObject {
  readonly delete: () => void;
}

/** Takes charge of a WASM object and hands it back. */
export type Own = <Owned extends WasmObject>(object: Owned) => Owned;

/**
 * Runs `body` and deletes every object that it owned, last first. WASM memory is not collected:
 * without this a worker fails with `bad_alloc` after some thousands of ciphertexts.
 */
export function withScope<Result>(body: (own: Own) => Result): Result {
  const owned: WasmObject[] = [];
  try {
    return body((object) => {
      owned.push(object);
      return object;
    });
  } finally {
    for (const object of owned.reverse()) object.delete();
  }
}
