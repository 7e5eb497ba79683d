import { expect, it } from "vitest"
import { addressOf } from "./address.ts"

it("an address is the same however it is written", () => {
  const address = { socket: "ws://127.0.0.1:4000/v1/ws", http: "http://127.0.0.1:4000" }
  for (const url of [
    "ws://127.0.0.1:4000",
    "http://127.0.0.1:4000/",
    "ws://127.0.0.1:4000/v1/ws",
    "http://127.0.0.1:4000/v1/ws/?x=1"
  ]) {
    expect(addressOf(url)).toEqual(address)
  }
})

it("a server below a path of another one is named with that path, and a safe address stays safe", () => {
  expect(addressOf("https://host/agents/")).toEqual({
    socket: "wss://host/agents/v1/ws",
    http: "https://host/agents"
  })
})

it("what is no address is refused with a sentence that says what one looks like", () => {
  for (const url of ["", "/", "host:4000", "ftp://host"]) {
    expect(() => addressOf(url)).toThrow(/write it as https:\/\/host or ws:\/\/127.0.0.1:4000\.$/)
  }
})
