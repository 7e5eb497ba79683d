import { expect, it } from "@effect/vitest"
import { openApi } from "@spillway/contracts/http-api"
import { WEBSOCKET_PATH } from "../../doors/websocket/path.ts"
import { VERSION } from "../../version.ts"
import { isOwnPath } from "./ownPath.ts"

it("every path that the doors answer is one of their own", () => {
  const paths = Object.keys(openApi(VERSION).paths ?? {})
  expect(paths.length).toBeGreaterThan(10)
  expect([...paths, WEBSOCKET_PATH].filter((path) => !isOwnPath(path))).toEqual([])
})
