/** What the page does. Without it everything can still be read. It is text because it runs in the reader's browser. */
export const script = `
const root = document.documentElement
const all = (selector, from = document) => Array.from(from.querySelectorAll(selector))
const kept = (store, key) => { try { return store.getItem(key) ?? "" } catch { return "" } }
const keep = (store, key, value) => { try { store.setItem(key, value) } catch {} }

// Light, dark, or as the system says.
const themes = ["", "light", "dark"]
const themeButton = document.querySelector("#theme")
const setTheme = (theme) => {
  if (theme === "") delete root.dataset.theme
  else root.dataset.theme = theme
  themeButton.textContent = theme === "" ? "Theme: system" : "Theme: " + theme
}
let theme = kept(localStorage, "spillway-docs-theme")
setTheme(themes.includes(theme) ? theme : "")
themeButton.hidden = false
themeButton.addEventListener("click", () => {
  theme = themes[(themes.indexOf(root.dataset.theme ?? "") + 1) % themes.length]
  setTheme(theme)
  keep(localStorage, "spillway-docs-theme", theme)
})

// Where this server is: it may be mounted below the path of another one.
const base = location.origin + location.pathname.replace(/\\/docs$/, "")

// The lines to call it with are for this server.
for (const code of all("pre code")) {
  if (code.textContent.includes("{server}")) code.textContent = code.textContent.replaceAll("{server}", base)
}

for (const button of all("button.copy")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(button.closest("figure").querySelector("code").textContent)
    button.textContent = "Copied"
    setTimeout(() => (button.textContent = "Copy"), 1200)
  })
}

// A link to something that is folded away opens it.
const unfold = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target === null) return
  for (let at = target; at !== null; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true
  target.scrollIntoView()
}
addEventListener("hashchange", unfold)
unfold()

// Where the reader is.
const links = new Map(all("nav a[href^='#']").map((link) => [link.hash.slice(1), link]))
const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue
    for (const link of links.values()) link.removeAttribute("aria-current")
    links.get(target.id)?.setAttribute("aria-current", "true")
  }
}, { rootMargin: "-10% 0px -80% 0px" })
for (const id of links.keys()) {
  const target = document.getElementById(id)
  if (target !== null) watcher.observe(target)
}

const token = document.querySelector("#token")
token.value = kept(sessionStorage, "spillway-docs-token")
token.form.addEventListener("submit", (event) => event.preventDefault())
token.addEventListener("input", () => keep(sessionStorage, "spillway-docs-token", token.value))

// The longest answer that is shown, in characters.
const SHOWN = 100000

const pretty = (text, type) => {
  try { return /json/.test(type) ? JSON.stringify(JSON.parse(text), null, 2) : text } catch { return text }
}

const readBeginning = async (response) => {
  if (response.body === null) return ""
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  const isStream = /event-stream/.test(response.headers.get("content-type") ?? "")
  const until = isStream ? Date.now() + 2000 : Infinity
  let text = ""
  while (text.length < SHOWN && Date.now() < until) {
    const waited = isStream ? new Promise((resolve) => setTimeout(resolve, until - Date.now(), { done: true })) : new Promise(() => {})
    const { done, value } = await Promise.race([reader.read(), waited])
    if (done) break
    text += decoder.decode(value, { stream: true })
  }
  reader.cancel().catch(() => {})
  return text.length >= SHOWN ? text.slice(0, SHOWN) + "\\n…" : text
}

for (const form of all("details.try form")) {
  const { method, path } = form.closest(".operation").dataset
  const body = form.querySelector("textarea")
  const example = form.querySelector("select")
  if (example !== null) {
    const fill = () => (body.value = example.value)
    example.addEventListener("change", fill)
    fill()
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    const output = form.parentElement.querySelector("output")
    const headers = new Headers()
    const query = new URLSearchParams()
    let address = path
    for (const input of all("input", form)) {
      if (input.dataset.in === "path") address = address.replace("{" + input.name + "}", encodeURIComponent(input.value))
      else if (input.value === "") continue
      else if (input.dataset.in === "query") query.set(input.name, input.value)
      else headers.set(input.name, input.value)
    }
    if (token.value !== "") headers.set("authorization", "Bearer " + token.value)
    if (body !== null) headers.set("content-type", "application/json")
    const url = address + (query.size > 0 ? "?" + query : "")
    const began = performance.now()
    const told = document.createElement("p")
    const shown = document.createElement("pre")
    output.replaceChildren(told)
    output.hidden = false
    told.textContent = method + " " + url + " …"
    try {
      const response = await fetch(base + url, { method, headers, body: body?.value, cache: "no-store" })
      const text = await readBeginning(response)
      const took = Math.round(performance.now() - began)
      told.textContent = response.status + " " + response.statusText + ", " + took + " ms"
      shown.textContent = pretty(text, response.headers.get("content-type") ?? "")
      output.append(shown)
    } catch (error) {
      told.textContent = "No answer: " + error.message
    }
  })
}
`
