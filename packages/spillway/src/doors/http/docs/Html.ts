/** Pieces of a page. What is put into one is escaped, unless it is a piece itself. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Piece = Html | string | number | undefined | ReadonlyArray<Html>

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!)

const textOf = (piece: Piece): string => {
  if (piece === undefined) return ""
  if (piece instanceof Html) return piece.text
  if (typeof piece === "object") return piece.map((part) => part.text).join("")
  return escape(String(piece))
}

export const html = (strings: TemplateStringsArray, ...pieces: ReadonlyArray<Piece>): Html =>
  new Html(strings.map((string, i) => string + textOf(pieces[i])).join(""))

/** A sentence in which `code` stands between backticks. */
export const prose = (text: string): Html =>
  new Html(
    text
      .split("`")
      .map((part, i) => (i % 2 === 0 ? escape(part) : `<code>${escape(part)}</code>`))
      .join("")
  )

/** Paragraphs, parted by empty lines. */
export const paragraphs = (text: string): ReadonlyArray<Html> =>
  text.split("\n\n").map((paragraph) => html`<p>${prose(paragraph)}</p>`)

/** A JSON value as it would be written by hand, its parts told apart by colour. */
export const jsonHtml = (value: unknown): Html =>
  new Html(
    JSON.stringify(value, null, 2).replace(
      /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[&<>]/g,
      (token: string, string: string | undefined, colon: string | undefined) => {
        if (string === undefined)
          return token.length === 1 && /[&<>]/.test(token) ? escape(token) : `<b>${token}</b>`
        return colon === undefined ? `<i>${escape(string)}</i>` : `<u>${escape(string)}</u>${colon}`
      }
    )
  )
