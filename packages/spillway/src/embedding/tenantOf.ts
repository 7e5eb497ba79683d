import { TenantId } from "@spillway/contracts"
import { Option, Schema } from "effect"
import { SpillwayError } from "./SpillwayError.ts"

const decode = Schema.decodeUnknownOption(TenantId)

/** A service's name for a tenant, as an id. */
export const tenantOf = (name: string): TenantId =>
  Option.getOrThrowWith(
    decode(name),
    () =>
      new SpillwayError(
        "tenant-invalid",
        `${JSON.stringify(name)} can't name a tenant: use printable ASCII characters without spaces.`
      )
  )
