import type { Duplex } from "node:stream"

/**
 * Bytes that a client still has to take before the kernel has all of them. What is large is one write, of which Node itself tells
 * nothing before the whole of it was taken; its handle does.
 */
export const untakenBy = (connection: Duplex): number => {
  const { _handle } = connection as { readonly _handle?: { readonly writeQueueSize?: number } | null }
  return _handle?.writeQueueSize ?? connection.writableLength
}
