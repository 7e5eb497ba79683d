/**
 * How much more processor time work takes on an input of eight times the size: about 8 when it is linear, 64 when it is quadratic. Processor
 * time, and the best of several runs, so that what else the machine does hardly counts.
 */
export const growth = (work: (size: number) => void, size: number): number => {
  const time = (size: number): number => {
    const start = process.cpuUsage()
    work(size)
    const { system, user } = process.cpuUsage(start)
    return user + system
  }
  const best = (size: number): number => Math.min(...Array.from({ length: 3 }, () => time(size)))
  time(size)
  return best(8 * size) / Math.max(500, best(size))
}

/** Between the two, with room for a garbage collection. */
export const LINEAR = 24
