/** What a Compose file of ours owes, and does not do. */
import { existsSync, readFileSync } from "node:fs"
import { parse } from "yaml"

interface Service {
  readonly image?: string
  readonly build?: unknown
  readonly profiles?: ReadonlyArray<string>
  readonly ports?: ReadonlyArray<string>
  readonly volumes?: ReadonlyArray<string>
  readonly environment?: Readonly<Record<string, string>>
  readonly healthcheck?: { readonly test?: ReadonlyArray<string>; readonly disable?: boolean }
  readonly secrets?: ReadonlyArray<string>
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, { readonly environment?: string }>>
}

export const readCompose = (): Compose => parse(readFileSync("docker-compose.yml", "utf8")) as Compose

export const profilesOf = ({ services }: Compose): ReadonlyArray<string> =>
  [...new Set(Object.values(services).flatMap(({ profiles }) => profiles ?? []))].sort()

export const complaintsAbout = (compose: Compose): ReadonlyArray<string> => [
  ...Object.entries(compose.services).flatMap(([name, service]) =>
    serviceComplaints(service, compose).map((complaint) => `${name}: ${complaint}`)
  ),
  ...postgresComplaints(compose),
  ...scrapeComplaints(compose)
]

const serviceComplaints = (service: Service, compose: Compose): ReadonlyArray<string> => {
  const complaints: Array<string> = []
  const { healthcheck, image = "", ports = [], secrets = [], volumes = [] } = service
  if (service.build === undefined && !/:v?\d+\.\d+(\.\d+)?(-[\w.]+)?$/.test(image)) {
    complaints.push(`the image ${image} is not pinned to a version`)
  }
  for (const port of ports) {
    if (!port.startsWith("127.0.0.1:")) complaints.push(`the port ${port} is reachable from other machines`)
  }
  const isAsked = healthcheck?.test !== undefined || healthcheck?.disable === true
  if (service.build === undefined && !isAsked) complaints.push("there is no health check")
  for (const volume of volumes) {
    const [source = "", , mode] = volume.split(":")
    const isBind = source.startsWith(".")
    if (isBind && (!existsSync(source) || mode !== "ro")) {
      complaints.push(`${source} is not there, or is not mounted read-only`)
    }
    if (!isBind && !(source in compose.volumes)) complaints.push(`the volume ${source} is not declared`)
  }
  for (const secret of secrets) {
    if (!(secret in compose.secrets)) complaints.push(`the secret ${secret} is not declared`)
  }
  const known = readFileSync(".env.example", "utf8")
  for (const name of Object.keys(service.build === undefined ? {} : (service.environment ?? {}))) {
    if (!known.includes(`\n#${name}=`)) complaints.push(`${name} is no setting of Spillway`)
  }
  return complaints
}

/** The same major and minor version as the embedded one, and the mount of Postgres 18. */
const postgresComplaints = ({ services }: Compose): ReadonlyArray<string> => {
  const { optionalDependencies } = JSON.parse(
    readFileSync("packages/embedded-postgres/package.json", "utf8")
  ) as { readonly optionalDependencies: Readonly<Record<string, string>> }
  const [embedded] = Object.values(optionalDependencies)
  const version = /^\d+\.\d+/.exec(embedded!)![0]
  const { image, volumes = [] } = services["postgres"] ?? {}
  return [
    ...(image === `postgres:${version}`
      ? []
      : [`postgres: the image is ${image}, and the embedded one is ${version}`]),
    ...(volumes.some((volume) => volume.endsWith(":/var/lib/postgresql"))
      ? []
      : ["postgres: Postgres 18 keeps its data in /var/lib/postgresql"])
  ]
}

interface Scrapes {
  readonly scrape_configs: ReadonlyArray<{
    readonly authorization: { readonly credentials_file: string }
    readonly static_configs: ReadonlyArray<{ readonly targets: ReadonlyArray<string> }>
  }>
}

/** Prometheus asks the service by its name and port, with the secret that it is given. */
const scrapeComplaints = ({ secrets, services }: Compose): ReadonlyArray<string> => {
  const { scrape_configs } = parse(readFileSync("operations/prometheus/prometheus.yml", "utf8")) as Scrapes
  return scrape_configs.flatMap(({ authorization, static_configs }) => {
    const secret = /^\/run\/secrets\/(\w+)$/.exec(authorization.credentials_file)?.[1] ?? ""
    const isGiven = services["prometheus"]?.secrets?.includes(secret) === true
    const targets = static_configs.flatMap(({ targets }) => targets)
    const port = services["spillway"]?.environment?.["SPILLWAY_PORT"]
    return [
      ...(isGiven && secrets[secret]?.environment === "SPILLWAY_TOKEN"
        ? []
        : [`prometheus: ${authorization.credentials_file} is not the token`]),
      ...targets
        .filter((target) => target !== `spillway:${port}`)
        .map((target) => `prometheus: ${target} is no service of the Compose file`)
    ]
  })
}
