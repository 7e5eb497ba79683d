/**
 * Exits with 0 when the server of this container can take commands, with 1 when it can't, and says why. A program of its own, without
 * any import: it runs every few seconds.
 */
const port = process.env["SPILLWAY_PORT"]?.trim() || "4000"

/** Below the timeout of the health check, so that the reason is said. */
const signal = AbortSignal.timeout(4_000)

try {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal })
  process.stdout.write(`${await response.text()}\n`)
  process.exitCode = response.ok ? 0 : 1
} catch (error) {
  process.stdout.write(
    `${error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)}\n`
  )
  process.exitCode = 1
}
