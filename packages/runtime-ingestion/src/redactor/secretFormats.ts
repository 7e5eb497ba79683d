/** The formats that the default redactor knows. To teach it another, add a line. */
import { bearer } from "./bearer.ts"
import { jsonWebToken } from "./jsonWebToken.ts"
import { privateKey } from "./privateKey.ts"
import { characters, type SecretFormat } from "./SecretFormat.ts"
import { token } from "./token.ts"

const alphanumeric = characters(/[A-Za-z0-9]/)
const underscored = characters(/\w/)
const dashed = characters(/[\w-]/)

export const secretFormats: ReadonlyArray<SecretFormat> = [
  // OpenAI, Anthropic, OpenRouter and others: sk-…, sk-proj-…, sk-ant-…
  token(["sk-"], { body: dashed, length: 20, lengthWithoutDigit: 40 }),
  // AWS access keys, lasting and temporary
  token(["AKIA", "ASIA"], { body: characters(/[A-Z0-9]/), length: 16 }),
  // GitHub; those of apps may hold a JWT
  token(["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], {
    body: underscored,
    joints: characters(/[.-]/),
    length: 30
  }),
  token(["github_pat_"], { body: underscored, length: 30 }),
  // GitLab
  token(["glpat-"], { body: dashed, length: 20 }),
  // Google
  token(["AIza"], { body: dashed, length: 30 }),
  // Slack
  token(["xoxa-", "xoxb-", "xoxe-", "xoxp-", "xoxr-", "xoxs-", "xapp-"], {
    body: characters(/[A-Za-z0-9-]/),
    length: 10,
    lengthWithoutDigit: 40
  }),
  // Stripe
  token(["sk_live_", "sk_test_", "rk_live_", "rk_test_"], { body: alphanumeric, length: 16 }),
  // npm, Hugging Face, Groq, xAI
  token(["npm_", "hf_", "gsk_", "xai-"], { body: alphanumeric, length: 30 }),
  jsonWebToken,
  bearer,
  privateKey
]
