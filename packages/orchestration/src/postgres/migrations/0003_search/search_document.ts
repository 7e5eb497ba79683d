/**
 * What the search index holds of a text: its words, and where it belongs, as words that no text can have, since they begin with a
 * space. So the index finds a word in one tenant or one thread without reading the others. Where words stand is not held: a row of
 * words is looked up in the texts that have all of them.
 *
 * Its name stands for what it returns, which Postgres puts in its place.
 */
export const searchDocument = `
create function search_document(tenant text, thread_id text, text text) returns tsvector
language sql immutable parallel safe
return search_text(text)::tsvector || array_to_tsvector(array[' ' || tenant, ' ' || tenant || ' ' || thread_id])`
