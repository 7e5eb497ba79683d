/** `range("T", 1, 3)` is T1, T2, T3. */
const range = (letter: string, from: number, to: number): ReadonlyArray<string> =>
  Array.from({ length: to - from + 1 }, (_, i) => `${letter}${from + i}`)

/** The ids of the behaviours that must hold by now; each is named at the start of at least one test's title. */
export const behaviours: ReadonlyArray<string> = [
  ...range("D", 1, 8),
  ...range("V", 1, 11),
  ...range("T", 1, 21),
  ...range("A", 1, 16),
  ...range("E", 1, 7),
  "E9",
  "E10",
  ...range("R", 1, 8)
]

/** The behaviours that no title in `passedTitles` starts with. `T10 …` does not name T1. */
export const unnamed = (passedTitles: ReadonlyArray<string>): ReadonlyArray<string> => {
  const named = new Set(passedTitles.map((title) => /^[A-Z]\d+\b/.exec(title)?.[0]))
  return behaviours.filter((id) => !named.has(id))
}
