// One fingerprint for many files: whoever has them can compute it again, and none can be taken out or put in unseen.
import { createHash } from 'node:crypto'

const hash = (prefix: number, ...parts: readonly Uint8Array[]) => {
  const sum = createHash('sha256').update(Uint8Array.of(prefix))
  for (const part of parts) sum.update(part)
  return sum.digest()
}

/**
 * Root of the Merkle tree over `leaves`, in their order.
 *
 * @param leaves raw leaf bytes, not hashes; any number of them
 * @returns 32 bytes; SHA-256 of nothing when there are no leaves
 * @see RFC 6962 section 2.1 (0x00 prefix for leaves, 0x01 for nodes; the left half is the largest power of two)
 */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return createHash('sha256').digest()
  const over = (from: number, until: number): Buffer => {
    const count = until - from
    if (count === 1) return hash(0, leaves[from]!)
    const half = 2 ** Math.ceil(Math.log2(count) - 1)
    return hash(1, over(from, from + half), over(from + half, until))
  }
  return over(0, leaves.length)
}
