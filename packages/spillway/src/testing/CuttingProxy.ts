/** Stands before a server and cuts connections, without a word, after as many bytes of the client's as it is told. */
import { Effect } from "effect"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

export interface CuttingProxy {
  readonly address: string
  /** Where connections lead from now on. */
  readonly leadTo: (port: number) => void
  /** The next connections are cut after so many bytes, one each; those after them are not cut. */
  readonly cutAfter: (...bytes: ReadonlyArray<number>) => void
  /** Cuts those that there are. */
  readonly cutAll: () => void
}

export const cuttingProxy = Effect.map(
  Effect.acquireRelease(
    Effect.callback<{ readonly proxy: CuttingProxy; readonly close: () => void }>((resume) => {
      const budgets: Array<number> = []
      const sockets = new Set<Socket>()
      let port = 0
      const server = createServer((client) => {
        const upstream = connect(port, "127.0.0.1")
        let left = budgets.shift() ?? Number.POSITIVE_INFINITY
        const cut = () => {
          for (const socket of [client, upstream]) {
            socket.destroy()
            sockets.delete(socket)
          }
        }
        for (const socket of [client, upstream]) {
          sockets.add(socket)
          socket.on("error", cut)
          socket.on("close", cut)
        }
        client.on("data", (data) => {
          if (data.length < left) {
            left -= data.length
            upstream.write(data)
            return
          }
          // What came before the cut may arrive, and may not be answered.
          upstream.end(data.subarray(0, left))
          client.destroy()
        })
        upstream.on("data", (data) => void client.write(data))
      })
      const cutAll = () => {
        for (const socket of Array.from(sockets)) socket.destroy()
      }
      server.listen(0, "127.0.0.1", () => {
        const { port: own } = server.address() as AddressInfo
        resume(
          Effect.succeed({
            proxy: {
              address: `127.0.0.1:${own}`,
              leadTo: (to) => {
                port = to
              },
              cutAfter: (...bytes) => void budgets.splice(0, budgets.length, ...bytes),
              cutAll
            },
            close: () => {
              server.close()
              cutAll()
            }
          })
        )
      })
    }),
    ({ close }) => Effect.sync(close)
  ),
  ({ proxy }) => proxy
)
