/** What a process of Spillway is told about its surroundings. Reading it from the environment is the server's business. */
import type { Redacted } from "effect"

/** Runtimes in other processes. */
export interface RemoteRuntimeSettings {
  /** Asked of every host of runtimes. `null`, or absent: none is let in. */
  readonly runtimeToken?: Redacted.Redacted | null
  /** Seconds that a turn waits for a host to connect, or to come back. Absent: 10. */
  readonly runtimeGraceSeconds?: number
}

/** What the engine stands on. */
export interface EngineSettings extends RemoteRuntimeSettings {
  /** `null`: the embedded Postgres in the data directory. */
  readonly databaseUrl: Redacted.Redacted | null
  readonly dataDirectory: string
  /** Seconds without a runtime event after which a turn fails. */
  readonly runtimeStallSeconds: number
  /** Seconds that a command waits while the database is away. Absent: 10. */
  readonly commandWaitSeconds?: number
}

/** Who is let in, how many, and how long a client may keep the server waiting. */
export interface DoorSettings extends RemoteRuntimeSettings {
  /** Asked of every client; `null`: of none. */
  readonly token: Redacted.Redacted | null
  /** Origins of web pages that are let in by name. */
  readonly allowedOrigins: ReadonlyArray<string>
  /** Seconds that a client may leave everything un-acked before its socket closes. */
  readonly clientStallSeconds: number
  /** Websockets open at once. Absent: DOOR_LIMITS says. */
  readonly maxSockets?: number
  /** Event streams open at once. Absent: DOOR_LIMITS says. */
  readonly maxStreams?: number
  /** Frames of one websocket that are read in a second; twice as many at once. Absent: DOOR_LIMITS says. */
  readonly framesPerSecond?: number
}

export interface ListenSettings {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

export interface SpillwaySettings extends EngineSettings, DoorSettings, ListenSettings {}
