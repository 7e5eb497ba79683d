/**
 * Whether a lease that another process holds may be taken, from what was seen of it at each look. Times are this process's own, monotonic;
 * whether the lease ran out is the database's to say.
 */

/** The lease as it was found. */
export interface SeenLease {
  readonly epoch: bigint
  /** Changes with each proof of the holder. */
  readonly expiresAt: string
  readonly isFree: boolean
  readonly ranOut: boolean
  readonly ranOutLongAgo: boolean
  /** The holder's connection, where the server that it proved itself to still runs; `unknown` after a restart of it. */
  readonly connection: "there" | "gone" | "unknown"
  /** Whether the holder was a process of this machine that is no more. */
  readonly processGone: boolean
}

export class LeaseWatch {
  /** The proof behind which the holder's connection was gone at every look, and since when. */
  private gone: { readonly proof: string; readonly since: number } | undefined
  /** The run-out lease at which the last looks were, and since when. */
  private silent: { readonly epoch: bigint; readonly since: number } | undefined
  /** Whether what a look says of the holder's connection is about the holder, and not about the database or the way to it. */
  private tellsConnections = true

  private readonly times: { readonly absence: number; readonly silence: number }

  /**
   * @param times in milliseconds.
   * @param times.absence how long the holder's connection must be gone.
   * @param times.silence how long a lease that ran out must have been seen so.
   */
  constructor(times: { readonly absence: number; readonly silence: number }) {
    this.times = times
  }

  /** @param at of the look, in milliseconds. */
  mayTake(lease: SeenLease, at: number): boolean {
    const proof = `${lease.epoch} ${lease.expiresAt}`
    if (lease.connection === "there") this.tellsConnections = true
    if (lease.connection !== "gone" || !this.tellsConnections) this.gone = undefined
    else if (this.gone?.proof !== proof) this.gone = { proof, since: at }
    if (!lease.ranOut) this.silent = undefined
    else if (this.silent?.epoch !== lease.epoch) this.silent = { epoch: lease.epoch, since: at }
    return (
      lease.isFree ||
      // Unless it ran out while the database was away for this process, and then perhaps for its holder.
      (lease.ranOutLongAgo && this.tellsConnections) ||
      lease.processGone ||
      (this.gone !== undefined && at - this.gone.since >= this.times.absence) ||
      (this.silent !== undefined && at - this.silent.since >= this.times.silence)
    )
  }

  /**
   * This process's own connection failed. What failed may be the database, and with it the holder's connection: until that is seen
   * again, its absence says nothing.
   */
  blinded(): void {
    this.gone = undefined
    this.silent = undefined
    this.tellsConnections = false
  }
}
