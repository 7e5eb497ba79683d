import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { noRedactor, type RedactorService } from "./Redactor.ts"
import { defaultRedactor } from "./redactor/defaultRedactor.ts"
import { secretFormats } from "./redactor/secretFormats.ts"
import { growth, LINEAR } from "./testing/growth.ts"

const R = "[redacted]"

/** A run of characters that no test depends on: the same for the same seed. */
const run = (length: number, alphabet: string, seed: number): string => {
  let state = seed * 2_654_435_761 + 1
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return alphabet[state % alphabet.length]
  }).join("")
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
const DIGITS = "0123456789"
const ALPHANUMERIC = UPPER + UPPER.toLowerCase() + DIGITS
const BASE64URL = `${ALPHANUMERIC}-_`
const pem = (kind: string, lines: number) => {
  const body = Array.from({ length: lines }, (_, i) => run(64, `${ALPHANUMERIC}+/`, i + 1))
  return [`-----BEGIN ${kind}-----`, ...body, `${run(21, ALPHANUMERIC, 99)}==`, `-----END ${kind}-----`].join(
    "\n"
  )
}

/** Each is replaced whole. Made up here: no key of anybody. */
const secrets: Readonly<Record<string, string>> = {
  OpenAI: `sk-${run(20, ALPHANUMERIC, 1)}T3BlbkFJ${run(20, ALPHANUMERIC, 2)}`,
  "OpenAI project": `sk-proj-${run(120, BASE64URL, 3)}x`,
  Anthropic: `sk-ant-api03-${run(93, BASE64URL, 4)}AA`,
  "no digit": `sk-${run(48, UPPER, 5)}`,
  "AWS access key": `AKIA${run(16, `${UPPER}234567`, 6)}`,
  "AWS temporary key": `ASIA${run(16, `${UPPER}234567`, 7)}`,
  "GitHub personal": `ghp_${run(36, ALPHANUMERIC, 8)}`,
  "GitHub OAuth": `gho_${run(36, ALPHANUMERIC, 9)}`,
  "GitHub app": `ghs_${run(36, ALPHANUMERIC, 10)}`,
  "GitHub app, with a JWT": `ghs_1234567_eyJ${run(40, ALPHANUMERIC, 11)}.eyJ${run(900, BASE64URL, 12)}x.${run(86, BASE64URL, 13)}x`,
  "GitHub refresh": `ghr_${run(76, ALPHANUMERIC, 14)}`,
  "GitHub fine-grained": `github_pat_${run(22, ALPHANUMERIC, 15)}_${run(59, ALPHANUMERIC, 16)}`,
  GitLab: `glpat-${run(20, BASE64URL, 17)}`,
  Google: `AIza${run(35, BASE64URL, 18)}`,
  "Slack bot": `xoxb-${run(12, DIGITS, 19)}-${run(13, DIGITS, 20)}-${run(24, ALPHANUMERIC, 21)}`,
  "Slack user": `xoxp-${run(12, DIGITS, 22)}-${run(32, ALPHANUMERIC, 23)}`,
  Stripe: `sk_live_${run(24, ALPHANUMERIC, 24)}`,
  "Stripe restricted": `rk_live_${run(99, ALPHANUMERIC, 25)}`,
  npm: `npm_${run(36, ALPHANUMERIC, 26)}`,
  JWT: `eyJ${run(33, ALPHANUMERIC, 27)}.eyJ${run(2_000, BASE64URL, 28)}x.${run(43, BASE64URL, 29)}x`,
  "JWT, not signed": `eyJ${run(33, ALPHANUMERIC, 30)}.eyJ${run(50, ALPHANUMERIC, 31)}`,
  "JWT, encrypted": `eyJ${run(33, ALPHANUMERIC, 32)}..${run(16, ALPHANUMERIC, 33)}.${run(300, ALPHANUMERIC, 34)}.${run(22, ALPHANUMERIC, 35)}`,
  "private key": pem("PRIVATE KEY", 25),
  "RSA private key": pem("RSA PRIVATE KEY", 25),
  "OpenSSH private key": pem("OPENSSH PRIVATE KEY", 5),
  "elliptic private key": pem("EC PRIVATE KEY", 2),
  "PGP private key": pem("PGP PRIVATE KEY BLOCK", 10).replace(
    "BLOCK-----\n",
    "BLOCK-----\nVersion: GnuPG v2\nComment: hi\n\n"
  ),
  "encrypted private key": pem("RSA PRIVATE KEY", 12).replace(
    "KEY-----\n",
    "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF0123456789ABCDEF\n\n"
  ),
  "private key, escaped": pem("PRIVATE KEY", 6).replaceAll("\n", "\\n"),
  "private key in one line": pem("PRIVATE KEY", 6).replaceAll("\n", " "),
  "private key, indented": pem("PRIVATE KEY", 6).replaceAll("\n", "\r\n      "),
  "private key, numbered": pem("PRIVATE KEY", 12).replace(/\n/g, "\n   12→"),
  "private key, in a diff": pem("PRIVATE KEY", 12).replace(/\n/g, "\n-")
}

/** Near misses and everyday text. */
const ordinary = [
  "",
  "Ask the desk-sk-etch task to risk-assess it.",
  "sk-, sk-x and sk-learn; .sk-fading-circle, .sk-toggleable__label-arrow { }",
  "AKIA ASIA AKIABCDEF ASIANMARKETS",
  "npm_config_registry=https://registry.npmjs.org npm_ npm",
  "ghp_ ghp_short github_pat_ gh_x github.com/some/where",
  "AIza and Aida; xoxo, xoxb-your-token-here; sk_live_ and sk_test_short",
  "eyJ eyJhbGciOiJI... eyJhbGciOiJIUzI1NiJ9. Then eyJhbGciOiJIUzI1NiJ9.short",
  `data:application/json;base64,eyJ${"A1b2".repeat(300)}`,
  "The bearer of bad news. Bearer of. Bearer <token> Bearer $TOKEN Bearer token-based-authentication-flow",
  "`-----BEGIN PRIVATE KEY-----` and `-----END PRIVATE KEY-----` stand around it.",
  `-----BEGIN PRIVATE KEY----- is in /etc/ssl/private/${"a/long/path/".repeat(5)} and -----END PRIVATE KEY-----`,
  `Bearer${run(40, ALPHANUMERIC, 50)} is a name.`,
  "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n",
  `${pem("CERTIFICATE", 4)}\n${pem("PUBLIC KEY", 2)}`,
  "--------------------------------\n-----BEGIN ",
  "日本語、emoji 👋, ünïcödé — and\n\n```\ncode\n```\n",
  "s g A e x n b B - sk gh AK np ey Be --- h"
]

const streamed = (redactor: RedactorService, deltas: ReadonlyArray<string>): string => {
  const stream = redactor.stream()
  return deltas.map((delta) => stream.push(delta)).join("") + stream.end()
}

const { text: redact } = defaultRedactor

describe("the default redactor", () => {
  it.each(Object.entries(secrets))(
    "V11 replaces a secret, whatever stands around it: %s",
    (_name, secret) => {
      expect(redact(secret)).toBe(R)
      for (const [before, after] of [
        ["key: ", "\nnext"],
        ["KEY=", ""],
        ['{"key":"', '"}'],
        ["(", ")"],
        ["It is ", ". Then"],
        ["密钥", "。"],
        ["line\\n", "\\\\"],
        ["=\\u0027", "\\u0027"],
        ["`", "`"]
      ] as const) {
        expect(redact(`${before}${secret}${after}`)).toBe(`${before}${R}${after}`)
      }
      expect(redact(`${secret} ${secret}\n${secret}`)).toBe(`${R} ${R}\n${R}`)
    }
  )

  it.each(Object.entries(secrets))("V11 catches a secret split at every place: %s", (_name, secret) => {
    const text = `The key is ${secret}, he said.`
    for (let at = 0; at <= text.length; at++) {
      expect(streamed(defaultRedactor, [text.slice(0, at), text.slice(at)])).toBe(`The key is ${R}, he said.`)
    }
    expect(streamed(defaultRedactor, text.split(""))).toBe(`The key is ${R}, he said.`)
    // The escape before it, too, may come in pieces.
    expect(streamed(defaultRedactor, `a\\n${secret}\\u000a${secret}`.split(""))).toBe(`a\\n${R}\\u000a${R}`)
  })

  it("V11 shows no part of a secret at any moment", () => {
    for (const secret of Object.values(secrets)) {
      const stream = defaultRedactor.stream()
      let seen = ""
      for (const unit of `Here: ${secret}`) {
        seen += stream.push(unit)
        expect("Here: [redacted]".startsWith(seen)).toBe(true)
      }
    }
  })

  it("V11 gives the same whatever way text with secrets is split, and leaves the rest as it is", () => {
    const piece = fc.oneof(
      fc.constantFrom(...Object.values(secrets)).map((secret) => ({ text: secret, shown: R })),
      fc.constantFrom(...ordinary).map((text) => ({ text, shown: text }))
    )
    // Between pieces stands what ends a word and can't go on with a key.
    const separator = fc.constantFrom(" ; ", "\n.\n", '", "')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(piece, separator), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (pieces, sizes) => {
          const text = pieces.map(([piece, separator]) => piece.text + separator).join("")
          const deltas: Array<string> = []
          for (let at = 0; at < text.length; at += deltas.at(-1)!.length) {
            deltas.push(text.slice(at, at + sizes[deltas.length % sizes.length]!))
          }
          expect(streamed(defaultRedactor, deltas)).toBe(redact(text))
        }
      )
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...Object.values(secrets)), separator), { maxLength: 8 }),
        (pieces) => {
          const text = pieces.map((piece) => piece.join("")).join("")
          expect(redact(text)).toBe(pieces.map(([, separator]) => R + separator).join(""))
        }
      )
    )
  })

  it("V11 gives the same however any noise around known beginnings is split", () => {
    const fragments = secretFormats.flatMap((format) => format.prefixes)
    const noise = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            ...fragments,
            ...". -_=\\\n1aA/".split(""),
            "0aB-".repeat(12),
            "END ",
            "-----",
            "PRIVATE KEY"
          ),
          fc.string()
        ),
        {
          maxLength: 25
        }
      )
      .map((parts) => parts.join(""))
    fc.assert(
      fc.property(noise, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (text, sizes) => {
        const deltas: Array<string> = []
        for (let at = 0; at < text.length; at += deltas.at(-1)!.length) {
          deltas.push(text.slice(at, at + sizes[deltas.length % sizes.length]!))
        }
        expect(streamed(defaultRedactor, deltas)).toBe(redact(text))
      }),
      { numRuns: 500 }
    )
  })

  it.each(ordinary)("leaves ordinary text as it is: %s", (text) => {
    expect(redact(text)).toBe(text)
    expect(streamed(defaultRedactor, text.split(""))).toBe(text)
  })

  it("keeps the scheme of a header, in any case, and takes its token", () => {
    const opaque = run(40, `${ALPHANUMERIC}~+/`, 40)
    expect(redact(`Authorization: Bearer ${opaque}==\r\n`)).toBe(`Authorization: Bearer ${R}\r\n`)
    expect(redact(`'authorization: bearer  ${opaque}.${opaque}'`)).toBe(`'authorization: bearer  ${R}'`)
    for (const secret of [secrets.JWT, secrets["GitHub personal"], secrets.Anthropic]) {
      expect(redact(`Bearer ${secret}.`)).toBe(`Bearer ${R}.`)
      expect(streamed(defaultRedactor, `Bearer ${secret}.`.split(""))).toBe(`Bearer ${R}.`)
    }
  })

  it("takes what there is of a private key that is cut off, and lets the text behind it through", () => {
    const key = secrets["private key"]!.split("\n").slice(0, 6).join("\n")
    expect(redact(key)).toBe(R)
    const prose = `\n\`\`\`\nThat is all. ${"And some more words. ".repeat(20)}`
    expect(redact(key + prose)).toBe(R + prose)
  })

  it("finds the end of a private key in the same place however far away it stands and however it is split", () => {
    const key = secrets["private key"]!.split("\n").slice(0, 6).join("\n")
    for (const between of [229, 230, 254, 255, 256, 257]) {
      const text = `${key}${".".repeat(between)}-----END PRIVATE KEY-----.`
      expect(redact(text)).toBe(between < 256 ? `${R}.` : text.replace(key, R))
      for (let at = key.length; at <= text.length; at++) {
        expect(streamed(defaultRedactor, [text.slice(0, at), text.slice(at)])).toBe(redact(text))
      }
    }
  })

  it("lets ordinary text through at once, but for the beginning of a word that may be one of a secret", () => {
    const stream = defaultRedactor.stream()
    expect(stream.push("Some words, the ")).toBe("Some words, the ")
    expect(stream.push("task's de")).toBe("task's de")
    expect(stream.push("sk is g")).toBe("sk is ")
    expect(stream.push("reen")).toBe("green")
    expect(stream.push(" sk-")).toBe(" ")
    expect(stream.push("ip")).toBe("")
    expect(stream.push(" it")).toBe("sk-ip it")
    expect(stream.push(" npm")).toBe(" ")
    expect(stream.end()).toBe("npm")
  })

  it("holds back a bounded tail, and none of a secret that it has recognised", () => {
    const endless = [
      "sk-",
      "Bearer ",
      "eyJ",
      "ghp_",
      "AKIA",
      "xoxb-",
      "-----BEGIN PRIVATE KEY-----\n"
    ].flatMap((prefix) =>
      ["a", "a1B2", "A", "-", ".", "=\n", "eyJ-", " "].map(
        (rest) => prefix + rest.repeat(5_000 / rest.length)
      )
    )
    for (const text of endless) {
      const stream = defaultRedactor.stream()
      let held = 0
      for (let i = 0; i < text.length; i++) {
        const shown = stream.push(text[i]!)
        held = shown === "" ? held + 1 : 0
        if (shown === R || shown.endsWith(R)) break
        expect(held).toBeLessThan(620)
      }
    }
  })

  it("is linear in the text, also where every word begins like a secret", () => {
    for (const text of [
      "Ordinary words, one by one. ",
      "eyJ-",
      "sk-a ",
      "-----BEGIN PRIVATE KEY-----\n",
      `${secrets.JWT} `
    ]) {
      const work = (size: number) =>
        streamed(defaultRedactor, text.repeat(Math.ceil(size / text.length)).split(""))
      expect(growth(work, 4_000)).toBeLessThan(LINEAR)
    }
  })

  it("can be used again behind its end", () => {
    const stream = defaultRedactor.stream()
    stream.push(`${secrets.OpenAI}`)
    stream.end()
    expect(stream.push("abc.")).toBe("abc.")
    expect(stream.push(`${secrets.OpenAI} `)).toBe(`${R} `)
  })

  it("knows no format whose beginning begins another's", () => {
    const prefixes = secretFormats.flatMap((format) => format.prefixes)
    for (const prefix of prefixes)
      expect(prefixes.filter((other) => other.startsWith(prefix))).toEqual([prefix])
  })
})

describe("redacting JSON", () => {
  it("V11 replaces secrets in all strings of tool arguments and results, keys included", () => {
    const { npm, OpenAI } = secrets as Record<"npm" | "OpenAI", string>
    expect(
      defaultRedactor.json({
        command: `curl -H 'Authorization: Bearer ${npm}'`,
        env: [{ name: "KEY", value: OpenAI }, 1, null, true],
        [OpenAI]: { nested: [[`x ${npm}`]] }
      })
    ).toEqual({
      command: `curl -H 'Authorization: Bearer ${R}'`,
      env: [{ name: "KEY", value: R }, 1, null, true],
      [R]: { nested: [[`x ${R}`]] }
    })
    expect(defaultRedactor.json(OpenAI)).toBe(R)
  })

  it("gives back a value that needs nothing as it is", () => {
    const value = { a: ["b", { c: 1, d: null }], e: "sk-fading-circle" }
    expect(defaultRedactor.json(value)).toBe(value)
    expect(defaultRedactor.json(null)).toBeNull()
    expect(defaultRedactor.json(3)).toBe(3)
  })

  it("loses no value where keys become the same", () => {
    const { npm, OpenAI } = secrets as Record<"npm" | "OpenAI", string>
    expect(defaultRedactor.json({ [npm]: 1, [R]: 2, [OpenAI]: 3 })).toEqual({
      [`${R} (2)`]: 1,
      [R]: 2,
      [`${R} (3)`]: 3
    })
  })
})

describe("no redactor", () => {
  it("lets everything through at once", () => {
    const { OpenAI } = secrets as Record<"OpenAI", string>
    const stream = noRedactor.stream()
    expect([stream.push(OpenAI), stream.end()]).toEqual([OpenAI, ""])
    expect(noRedactor.text(OpenAI)).toBe(OpenAI)
    expect(noRedactor.json({ key: OpenAI })).toEqual({ key: OpenAI })
  })
})
