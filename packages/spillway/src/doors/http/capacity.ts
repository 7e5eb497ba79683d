/** What is one too many for this process is answered at once, with when to come again. */
import { ServiceUnavailable } from "@spillway/contracts/http-api"

export const atCapacity = (detail: string) =>
  new ServiceUnavailable({ code: "at-capacity", detail, retryable: true })
