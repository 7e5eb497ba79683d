import { describe, expect, it } from "vitest"
import { type Compose, complaintsAbout, profilesOf, readCompose } from "./complaints.ts"

const changed = (service: string, change: Partial<Compose["services"][string]>): Compose => {
  const compose = readCompose()
  return {
    ...compose,
    services: { ...compose.services, [service]: { ...compose.services[service], ...change } }
  }
}

describe("the Compose file", () => {
  it("owes nothing as it is, and has what it is watched with in profiles", () => {
    expect(complaintsAbout(readCompose())).toEqual([])
    expect(profilesOf(readCompose())).toEqual(["monitoring", "telemetry"])
  })

  it("is complained about for what others can reach, what is not pinned, asked, declared or there", () => {
    const complains = (compose: Compose, why: RegExp) =>
      expect(complaintsAbout(compose).join("\n")).toMatch(why)
    complains(changed("spillway", { ports: ["4000:4000"] }), /reachable from other machines/)
    complains(changed("grafana", { image: "grafana/grafana:latest" }), /not pinned/)
    complains(changed("grafana", { healthcheck: {} }), /no health check/)
    complains(changed("grafana", { volumes: ["./nowhere:/a:ro"] }), /not there/)
    complains(changed("grafana", { volumes: ["nowhere:/a"] }), /not declared/)
    complains(changed("postgres", { image: "postgres:17.1" }), /the embedded one is 18/)
    complains(changed("postgres", { volumes: ["database:/var/lib/postgresql/data"] }), /Postgres 18 keeps/)
    complains(changed("spillway", { environment: { SPILLWAY_PROT: "1" } }), /no setting/)
    complains(changed("prometheus", { secrets: [] }), /not the token/)
    complains(changed("spillway", { environment: { SPILLWAY_PORT: "1" } }), /no service of the Compose file/)
  })
})
