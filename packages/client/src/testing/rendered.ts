/** Renders React elements into a page that lives in this process. */
import { Window } from "happy-dom"
import { act, type ReactElement } from "react"
import type { Root } from "react-dom/client"

const window = new Window()
// React looks for a page when it is imported.
Object.assign(globalThis, {
  window,
  document: window.document,
  FormData: window.FormData,
  IS_REACT_ACT_ENVIRONMENT: true
})
const { createRoot, hydrateRoot } = await import("react-dom/client")

export interface Rendered {
  readonly text: () => string
  /** The elements that fit, as they stand in the page. */
  readonly all: (selector: string) => ReadonlyArray<unknown>
  /** Clicks the button that says so. */
  readonly click: (label: string) => void
  /** Fills in the form and submits it. */
  readonly submit: (values: Record<string, string>) => Promise<void>
  readonly change: (element: ReactElement) => void
  readonly leave: () => void
}

export const rendered = (element: ReactElement, html?: string): Rendered => {
  const container = window.document.createElement("div")
  window.document.body.appendChild(container)
  container.innerHTML = html ?? ""
  let root!: Root
  act(() => {
    if (html !== undefined) return void (root = hydrateRoot(container, element))
    root = createRoot(container)
    root.render(element)
  })
  return {
    text: () => container.textContent ?? "",
    all: (selector) => [...container.querySelectorAll(selector)],
    click: (label) => {
      const buttons = [...container.querySelectorAll("button")]
      act(() => buttons.find(({ textContent }) => textContent === label)!.click())
    },
    submit: (values) => {
      for (const [name, value] of Object.entries(values)) {
        container.querySelector<"input">(`[name=${name}]` as "input")!.value = value
      }
      const submit = new window.SubmitEvent("submit", { bubbles: true, cancelable: true })
      return act(async () => void container.querySelector("form")!.dispatchEvent(submit))
    },
    change: (element) => act(() => root.render(element)),
    leave: () => act(() => root.unmount())
  }
}
