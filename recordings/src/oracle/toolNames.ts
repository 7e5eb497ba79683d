/** Under these names the AI SDK reports the tools that providers run or define themselves. */
const providersOwn = [
  "advisor",
  "apply_patch",
  "bash",
  "code_execution",
  "code_interpreter",
  "computer",
  "computer_use",
  "file_search",
  "image_generation",
  "local_shell",
  "memory",
  "programmatic_tool_calling",
  "shell",
  "str_replace_based_edit_tool",
  "tool_search",
  "tool_search_tool_bm25",
  "tool_search_tool_regex",
  "web_fetch",
  "web_search",
  "web_search_preview",
  "x_search"
]

/**
 * The tools that an application must have declared to get these answers: every string under a key `name`, and the
 * `functions.x` that a `recipient_name` inside a call's arguments names. Too many do no harm, with one exception:
 * `parallel` is OpenAI's own wrapper around calls, which the SDK unwraps only while it is not declared.
 */
export const toolNames = (texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const names = new Set(providersOwn)
  for (const text of texts) {
    for (const [, raw = ""] of text.matchAll(/"name"\s*:\s*"((?:[^"\\]|\\.)*)"/g)) {
      try {
        names.add(String(JSON.parse(`"${raw}"`)))
      } catch {
        continue
      }
    }
    const recipients = [...text.matchAll(/recipient_name\\?"\s*:\s*\\?"functions\.([^"\\]+)/g)]
    for (const [, name = ""] of recipients) names.add(name)
    if (recipients.length > 0) names.delete("parallel")
  }
  names.delete("")
  return [...names].sort()
}
