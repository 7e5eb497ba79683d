/** Spillway for services that embed it. */
export { VERSION } from "./version.ts"
