/** For tests of views: events with everything filled in, and random histories made of them. */
export * from "./arbitraryThread.ts"
export * from "./threadEvents.ts"
