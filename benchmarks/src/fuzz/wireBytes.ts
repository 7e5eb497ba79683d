/** Bytes below the frames: what the websocket protocol itself forbids, and what only looks like the beginning of something. */
import type { Random } from "./Random.ts"

interface WireFrame {
  readonly first: number
  readonly payload?: Buffer
  readonly masked?: boolean
  /** What the header says; default: the truth. */
  readonly length?: number
}

/** A frame as it goes over the wire. */
const wireFrame = ({ first, length, masked = true, payload = Buffer.alloc(0) }: WireFrame): Buffer => {
  const said = length ?? payload.length
  const bit = masked ? 0x80 : 0
  const head =
    said < 126
      ? Buffer.from([first, bit | said])
      : said < 65_536
        ? Buffer.from([first, bit | 126, said >> 8, said & 255])
        : Buffer.concat([Buffer.from([first, bit | 127]), bigEndian(said)])
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), payload])
}

const bigEndian = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

const FIN = 0x80
const TEXT = 1

export const wireBytes = (random: Random): Buffer =>
  random.pick<() => Buffer>([
    () => wireFrame({ first: FIN | TEXT, masked: false, payload: Buffer.from('{"type":"ping"}') }),
    // Opcodes that there are not, bits that stand for extensions that nobody agreed on.
    () => wireFrame({ first: FIN | (3 + random.below(5)), payload: Buffer.from("x") }),
    () => wireFrame({ first: FIN | 0x40 | TEXT, payload: random.bytes(20) }),
    () => wireFrame({ first: FIN | 0x20 | TEXT, payload: Buffer.from("{}") }),
    // A continuation of nothing; a message inside of another.
    () => wireFrame({ first: FIN, payload: Buffer.from("x") }),
    () =>
      Buffer.concat([
        wireFrame({ first: TEXT, payload: Buffer.from("{") }),
        wireFrame({ first: FIN | TEXT })
      ]),
    // Control frames that are too long, or in pieces.
    () => wireFrame({ first: FIN | 9, payload: Buffer.alloc(126) }),
    () => wireFrame({ first: 9, payload: Buffer.from("x") }),
    () => wireFrame({ first: FIN | 8, payload: Buffer.from([3]) }),
    () => wireFrame({ first: FIN | 8, payload: Buffer.from([3, 231]) }),
    // Larger than anybody may send, by its header.
    () => wireFrame({ first: FIN | TEXT, length: 5 * 1024 * 1024 }),
    () => wireFrame({ first: FIN | TEXT, length: Number.MAX_SAFE_INTEGER }),
    // Never whole.
    () => wireFrame({ first: FIN | TEXT, length: 1_000, payload: Buffer.from('{"type":') }),
    () =>
      Buffer.concat(Array.from({ length: 300 }, () => wireFrame({ first: TEXT, payload: Buffer.from("x") }))),
    () => random.bytes(1 + random.below(300))
  ])()
