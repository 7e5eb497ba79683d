/** True for the paths that the doors answer, as they see them: without what they are mounted below. */
export const isOwnPath = (url: string | undefined): boolean => {
  const path = (url ?? "").split("?")[0]!
  return /^\/(v1|health|docs)(\/|$)/.test(path) || /^\/(metrics|openapi\.json|asyncapi\.json)$/.test(path)
}

/**
 * The URL below `prefix` as the doors see it; `undefined` for one that is not below it. The prefix begins with a slash and does not end
 * with one; the empty one is the root, where only their own paths are theirs.
 */
export const below = (prefix: string, url: string | undefined): string | undefined => {
  if (url === undefined) return undefined
  if (prefix === "") return isOwnPath(url) ? url : undefined
  if (!url.startsWith(prefix)) return undefined
  const rest = url.slice(prefix.length)
  if (rest === "" || rest.startsWith("?")) return `/${rest}`
  return rest.startsWith("/") ? rest : undefined
}
