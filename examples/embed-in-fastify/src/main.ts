import { scripted } from "spillway"
import { buildService } from "./service.ts"

const app = await buildService({
  database: process.env.DATABASE_URL ?? { directory: process.env.SPILLWAY_DATA_DIR ?? ".spillway" },
  runtimes: [scripted()]
})
const url = await app.listen({ port: Number(process.env.PORT ?? 3000) })
console.log(`The support desk answers at ${url}. Try:

  curl -s -X POST ${url}/chats -H 'content-type: application/json' -d '{"title":"Hello"}'
  curl -N -X POST ${url}/chats/CHAT_ID/messages -H 'content-type: application/json' -d '{"text":"Hi!"}'
`)

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void app.close())
