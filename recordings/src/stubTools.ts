/** The tools of the AI SDK's providers that providers run or define themselves, as the SDK names them. */
const providerTools =
  "advisor apply_patch bash code_execution code_interpreter computer computer_use file_search image_generation local_shell memory " +
  "programmatic_tool_calling shell str_replace_based_edit_tool tool_search tool_search_tool_bm25 tool_search_tool_regex web_fetch " +
  "web_search web_search_preview x_search"

/**
 * The names of the tools to declare as stubs while a conversation is played: the providers' own, every string under a key
 * `name` in the answers, and each `x` of a `recipient_name: "functions.x"`. The latter are calls within a call of OpenAI's
 * `parallel`, which clients unwrap as long as no tool is declared under that name.
 */
export const stubToolNames = (answers: Iterable<Uint8Array>): ReadonlyArray<string> => {
  const names = new Set(providerTools.split(" "))
  let wrapped = false
  for (const bytes of answers) {
    const text = new TextDecoder().decode(bytes)
    for (const match of text.matchAll(/"name"\s*:\s*("(?:\\.|[^"\\])*")/g)) {
      const name = unquoted(match[1] ?? "")
      if (name !== "") names.add(name)
    }
    for (const match of text.matchAll(/recipient_name\\?"\s*:\s*\\?"functions\.([^"\\]+)/g)) {
      wrapped = true
      names.add(match[1] ?? "")
    }
  }
  if (wrapped) names.delete("parallel")
  return [...names].toSorted()
}

const unquoted = (json: string): string => {
  try {
    return String(JSON.parse(json))
  } catch {
    return ""
  }
}
