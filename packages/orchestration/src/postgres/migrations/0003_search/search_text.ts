/**
 * A text as it is searched: its words as they are, in lower case, with spaces between them. No language's endings are cut, and no
 * language's small words left out (it is what the configuration `simple` does), so that a text in any language, or a name in code, is
 * found by the words that stand in it and by no others.
 *
 * The parser of Postgres is not asked. It knows signs outside of ASCII only where the database's locale does, takes `src/main.ts` for
 * one word, and for 100,000 characters of `a_a_a_…` needs a minute, in which no read model would go on.
 *
 * Of a text the first 100,000 characters are searched, and of these no word of more than 254. So no text is too large: with 5 bytes for
 * each character, all words take less than the 1,048,575 that Postgres allows, and one takes less than 2,046.
 *
 * The cost tells the planner that this reads a whole text: it had better ask an index.
 */
import { SEPARATORS, UNSPACED } from "./characters.ts"

const escape = (code: number): string =>
  code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`

const characterClass = (ranges: typeof SEPARATORS): string =>
  ranges.map(([from, to]) => (from === to ? escape(from) : `${escape(from)}-${escape(to)}`)).join("")

export const searchText = `
create function search_text(text text) returns text
language plpgsql immutable strict parallel safe cost 10000
as $$
begin
  text := regexp_replace(lower(left(text, 100000)), '[${characterClass(SEPARATORS)}]+', ' ', 'g');
  text := regexp_replace(text, '([${characterClass(UNSPACED)}])', ' \\1 ', 'g');
  return regexp_replace(text, '[^ ]{255,}', '', 'g');
end $$`
