/** What a signature is checked with. */
export interface Check {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

const headBytes = 4 + 32 + 64;

/** Many checks in one buffer, which crosses to another thread without a copy of each. */
export function packChecks(checks: readonly Check[]): Uint8Array<ArrayBuffer> {
  const size = checks.reduce((sum, { message }) => sum + headBytes + message.length, 0);
  const packed = new Uint8Array(size);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const { publicKey, message, signature } of checks) {
    view.setUint32(at, message.length);
    packed.set(publicKey, at + 4);
    packed.set(signature, at + 36);
    packed.set(message, at + headBytes);
    at += headBytes + message.length;
  }
  return packed;
}

/** Views of the checks in a packed buffer. */
export function checksIn(packed: Uint8Array): Check[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const checks: Check[] = [];
  for (let at = 0; at < packed.length;) {
    const end = at + headBytes + view.getUint32(at);
    checks.push({
      publicKey: packed.subarray(at + 4, at + 36),
      signature: packed.subarray(at + 36, at + headBytes),
      message: packed.subarray(at + headBytes, end),
    });
    at = end;
  }
  return checks;
}
