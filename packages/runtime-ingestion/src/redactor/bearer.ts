/** `Bearer …` as it stands in a header: the scheme stays, a long token behind it goes. */
import { characters, MORE, NO, type SecretFormat, skip } from "./SecretFormat.ts"
import { token } from "./token.ts"

const space = characters(/[ \t]/)

/** So much space may stand between the two. */
const SPACES = 8

const credentials = token(["bearer"], {
  body: characters(/[A-Za-z0-9_~+/=-]/),
  joints: characters(/\./),
  length: 20,
  lengthWithoutDigit: 40
})

export const bearer: SecretFormat = {
  ...credentials,
  anyCase: true,
  secretAt: (text, from) => skip(text, from, space),
  recognise: (text, from, ended) => {
    const at = skip(text, from, space, from + SPACES)
    if (at === text.length) return ended ? NO : MORE
    return at === from ? NO : credentials.recognise(text, at, ended)
  }
}
