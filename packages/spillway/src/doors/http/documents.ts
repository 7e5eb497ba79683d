/**
 * What describes the doors: the OpenAPI and AsyncAPI documents and the page for people. Made when it is first asked for, since that takes
 * tens of milliseconds which a server that starts has better uses for, and then kept: it is the same for every server of a process.
 */
import { asyncApi } from "@spillway/contracts/async-api"
import { openApi } from "@spillway/contracts/http-api"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { VERSION } from "../../version.ts"
import { docsPage } from "./docs/docsPage.ts"
import type { OpenApiDocument } from "./docs/OpenApiDocument.ts"

const once = <A>(make: () => A): (() => A) => {
  let made: A | undefined
  return () => (made ??= make())
}

const document = once(() => openApi(VERSION))

export const openApiAnswer = once(() => HttpServerResponse.jsonUnsafe(document()))
export const asyncApiAnswer = once(() => HttpServerResponse.jsonUnsafe(asyncApi(VERSION)))
export const docsAnswer = once(() => docsPage(document() as unknown as OpenApiDocument))
