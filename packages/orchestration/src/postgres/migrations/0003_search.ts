/**
 * Full-text search over what was said and over titles; a message's text in its own row, where one index covers all of it; and
 * indexes for the thread list's filters and for places in a thread that a message names.
 */
import { messageById, messageSearch, messageText } from "./0003_search/message.ts"
import { searchDocument } from "./0003_search/search_document.ts"
import { searchText } from "./0003_search/search_text.ts"
import { threadByStatus } from "./0003_search/thread.ts"
import { threadTitle } from "./0003_search/thread_title.ts"

export const search = [
  ...messageText,
  searchText,
  searchDocument,
  ...messageSearch,
  messageById,
  ...threadTitle,
  ...threadByStatus
]
