const HEAD = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
/** Most bytes of a stored block. */
const BLOCK = 0xffff;

/**
 * Wraps bytes as gzip (RFC 1952) without compressing them, in stored blocks (RFC 1951, 3.2.4): for small files of formats that ask for gzip, where no synchronous
 * compressor is at hand that runs in a browser too.
 */
export function storeGzip(bytes: Uint8Array, out: (piece: Uint8Array) => void): void {
  out(HEAD);
  const blocks = Math.max(1, Math.ceil(bytes.length / BLOCK));
  for (let block = 0; block < blocks; block++) {
    const piece = bytes.subarray(block * BLOCK, (block + 1) * BLOCK);
    const { length } = piece;
    const complement = ~length & 0xffff;
    out(Uint8Array.of(block === blocks - 1 ? 1 : 0, length & 0xff, length >> 8, complement & 0xff, complement >> 8));
    out(piece);
  }
  const tail = new DataView(new ArrayBuffer(8));
  tail.setUint32(0, crc32(bytes), true);
  tail.setUint32(4, bytes.length % 2 ** 32, true);
  out(new Uint8Array(tail.buffer));
}

/** RFC 1952, section 8: the reflected polynomial 0xedb88320. */
function crc32(bytes: Uint8Array): number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder & 1) === 0 ? remainder >>> 1 : (remainder >>> 1) ^ 0xedb88320;
    return remainder;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff]!; // 256 entries
  return (crc ^ 0xffffffff) >>> 0;
}
