/** How the page looks: in the reader's own fonts, light or dark as the reader's system says, or as the page is told. */
export const style = `
:root {
  color-scheme: light dark;
  --back: light-dark(#fff, #0e1116); --panel: light-dark(#f6f7f9, #151a21); --line: light-dark(#e3e6ea, #262d37);
  --text: light-dark(#1b1f24, #e4e8ee); --quiet: light-dark(#5a6472, #97a3b3); --accent: light-dark(#0b62c4, #6db3ff);
  --get: light-dark(#0a7d4b, #4cc38a); --post: light-dark(#7a3fc0, #b99af0); --bad: light-dark(#b3261e, #ff8f87);
  --string: light-dark(#0a7d4b, #7bd3a4); --key: light-dark(#0b4f9e, #8fc4ff); --literal: light-dark(#a0480a, #f2b27a);
  --code: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
* { box-sizing: border-box; }
html { scroll-padding-top: 1.5rem; }
body {
  margin: 0; background: var(--back); color: var(--text); font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  display: grid; grid-template-columns: 17rem minmax(0, 1fr);
}
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
code, pre, textarea, .address { font-family: var(--code); font-size: .875em; }
p code, dd code { background: var(--panel); border: 1px solid var(--line); border-radius: 4px; padding: .05em .3em; }
nav {
  position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1.75rem 1.25rem; border-right: 1px solid var(--line);
  background: var(--panel); font-size: .9rem;
}
nav .brand { font-weight: 700; font-size: 1.15rem; letter-spacing: -.01em; color: var(--text); display: block; }
nav .version { color: var(--quiet); font-family: var(--code); font-size: .8rem; }
nav h2 { font-size: .72rem; text-transform: uppercase; letter-spacing: .08em; color: var(--quiet); margin: 1.5rem 0 .35rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: flex; gap: .5rem; align-items: baseline; padding: .2rem .5rem; margin: 0 -.5rem; border-radius: 6px; color: var(--text); }
nav li a:hover { background: var(--line); text-decoration: none; }
nav li a[aria-current] { background: var(--line); color: var(--accent); }
nav .method { min-width: 2.6em; }
nav .theme { margin-top: 1.75rem; }
main { padding: 2.5rem clamp(1.25rem, 4vw, 4rem) 6rem; max-width: 92rem; }
h1 { font-size: 2.1rem; line-height: 1.2; letter-spacing: -.02em; margin: 0 0 .25rem; }
.lead { font-size: 1.15rem; color: var(--quiet); margin: 0 0 1.5rem; }
.intro { max-width: 46rem; }
main > section > h2 { font-size: 1.5rem; letter-spacing: -.01em; margin: 3.5rem 0 .25rem; }
main > section > .about { color: var(--quiet); margin: 0 0 1rem; max-width: 46rem; }
main > section > div + .about { margin-top: 1rem; }
.operation {
  display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 30rem); gap: 2.5rem; padding: 2rem 0; border-top: 1px solid var(--line);
}
.operation h3 { font-size: 1.2rem; margin: 0; }
.anchor { opacity: 0; font-weight: 400; }
h3:hover .anchor, .anchor:focus-visible { opacity: .7; }
.address { margin: .35rem 0 1rem; overflow-wrap: anywhere; }
.address code { font-size: 1em; }
.address em { color: var(--accent); font-style: normal; }
.method { font: 700 .72rem/1 var(--code); color: var(--get); }
.method.POST { color: var(--post); }
h4 { font-size: .78rem; text-transform: uppercase; letter-spacing: .06em; color: var(--quiet); margin: 1.5rem 0 .5rem; }
.fields { margin: 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.fields > div { display: grid; grid-template-columns: minmax(8rem, 13rem) minmax(0, 1fr); gap: 1rem; padding: .55rem .9rem; }
.fields > div + div { border-top: 1px solid var(--line); }
.fields dt { overflow-wrap: anywhere; }
.fields dd { margin: 0; overflow-wrap: anywhere; }
.fields dd p { margin: .15rem 0 0; color: var(--quiet); font-size: .92rem; }
.name { background: none; border: 0; padding: 0; font-weight: 600; }
.optional { display: block; color: var(--quiet); font-size: .75rem; }
.type { font-family: var(--code); font-size: .82rem; }
.type code { background: none; border: 0; padding: 0; font-size: 1em; }
small { color: var(--quiet); font-family: system-ui, sans-serif; }
.answers { list-style: none; margin: 0; padding: 0; }
.answers li { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; padding: .2rem 0; font-size: .92rem; }
.status { font: 700 .8rem/1 var(--code); color: var(--quiet); min-width: 2.2em; }
.s2 { color: var(--get); } .s4, .s5 { color: var(--bad); }
.codes { display: flex; flex-wrap: wrap; gap: .35rem; }
.how { position: sticky; top: 1.5rem; align-self: start; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; }
figure { margin: 0; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); overflow: hidden; }
figcaption {
  display: flex; justify-content: space-between; align-items: center; padding: .35rem .5rem .35rem .9rem; font-size: .78rem; color: var(--quiet);
  border-bottom: 1px solid var(--line);
}
pre { margin: 0; padding: .8rem .9rem; overflow: auto; max-height: 24rem; line-height: 1.5; font-size: .82rem; tab-size: 2; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { font-size: 1em; }
pre i { font-style: normal; color: var(--string); } pre u { text-decoration: none; color: var(--key); } pre b { font-weight: 400; color: var(--literal); }
button, input, textarea, select { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: 6px; }
button { padding: .15rem .65rem; font-size: .82rem; cursor: pointer; }
button:hover { border-color: var(--accent); color: var(--accent); }
button[type="submit"] { background: var(--accent); border-color: var(--accent); color: var(--back); padding: .35rem 1.1rem; justify-self: start; font-weight: 600; }
button[type="submit"]:hover { filter: brightness(1.08); color: var(--back); }
input, textarea, select { width: 100%; padding: .35rem .6rem; font-size: .88rem; }
textarea { font-family: var(--code); font-size: .8rem; resize: vertical; }
label { display: grid; gap: .2rem; font-size: .8rem; color: var(--quiet); }
label > * { color: var(--text); }
.token { max-width: 24rem; margin-top: 1.5rem; }
.begin { margin: 1.5rem 0; }
details.try { border: 1px solid var(--line); border-radius: 8px; }
details.try > summary { padding: .5rem .9rem; cursor: pointer; font-size: .9rem; font-weight: 600; }
details.try form { display: grid; gap: .7rem; padding: .2rem .9rem .9rem; }
output { display: block; border-top: 1px solid var(--line); }
output p { margin: 0; padding: .5rem .9rem 0; font-size: .82rem; color: var(--quiet); }
.schema { border-top: 1px solid var(--line); }
.schema > summary { padding: .6rem 0; cursor: pointer; list-style: none; display: flex; flex-wrap: wrap; gap: .25rem .9rem; align-items: baseline; }
.schema > summary::before { content: "\\25B8"; color: var(--quiet); width: .8em; margin-right: -.4rem; }
.schema[open] > summary::before { content: "\\25BE"; }
.schema > summary > span { color: var(--quiet); font-size: .92rem; }
.schema > summary > code { font-weight: 600; }
.schema[open] { padding-bottom: 1.25rem; }
.quiet { color: var(--quiet); }
@media (max-width: 75rem) { .operation { grid-template-columns: minmax(0, 1fr); gap: 1rem; } .how { position: static; } }
@media (max-width: 52rem) {
  body { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding: 1.25rem; }
  nav section { display: none; }
  nav .theme { margin-top: .75rem; }
  .fields > div { grid-template-columns: minmax(0, 1fr); gap: .15rem; }
}
@media print { nav, .how button, details.try { display: none; } body { display: block; } }
`
