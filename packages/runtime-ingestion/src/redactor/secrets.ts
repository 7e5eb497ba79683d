/** The formats of keys and tokens that are known, and where text may hold the beginning of one. */

export const REDACTED = "[redacted]"

const secret = new RegExp(
  [
    String.raw`\bsk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{20,}`,
    String.raw`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`,
    String.raw`\bgh[pousr]_[A-Za-z0-9]{30,}`,
    String.raw`\bgithub_pat_[A-Za-z0-9_]{30,}`,
    String.raw`\bAIza[A-Za-z0-9_-]{30,}`,
    String.raw`\bxox[abprs]-[A-Za-z0-9-]{10,}`,
    String.raw`\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}`,
    String.raw`\bnpm_[A-Za-z0-9]{30,}`,
    String.raw`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}`
  ].join("|"),
  "g"
)

/** How the known formats begin. */
const prefixes = ["sk-", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "AIza", "xox", "sk_", "rk_", "npm_", "eyJ"]

export const redact = (text: string): string => text.replace(secret, REDACTED)

/** Tokens end at the first character that no format has. */
const tokenEnd = /[A-Za-z0-9_.-]+$/

/** Text that is safe to be seen, redacted, and a rest that may be the beginning of a secret. */
export const splitAtSecret = (text: string): { readonly safe: string; readonly rest: string } => {
  const token = tokenEnd.exec(text)
  if (token === null || !prefixes.some((prefix) => token[0].startsWith(prefix) || prefix.startsWith(token[0]))) {
    return { safe: redact(text), rest: "" }
  }
  return { safe: redact(text.slice(0, token.index)), rest: token[0] }
}
