/** Partial views that were written, the least recently used leaving first. */
import type { PartialView } from "./PartialView.ts"

/** The most that is kept, by `weightOf`: about 64 MB of text. */
const CAPACITY = 32_000_000

/** Roughly what a view keeps in memory, in code units; what is not text is estimated. */
const weightOf = ({ view }: PartialView): number => {
  let weight = 1_000
  for (const turn of view.turns) {
    for (const message of turn.messages) {
      weight += 500
      for (const part of message.parts)
        weight += part.type === "tool-call" ? 2_000 + part.output.length : 100 + part.text.length
    }
  }
  return weight
}

export class ViewCache {
  private readonly views = new Map<string, { readonly partial: PartialView; readonly weight: number }>()
  private weight = 0

  get(key: string): PartialView | undefined {
    return this.views.get(key)?.partial
  }

  put(key: string, partial: PartialView): void {
    this.delete(key)
    const weight = weightOf(partial)
    this.views.set(key, { partial, weight })
    this.weight += weight
    for (const oldest of this.views.keys()) {
      if (this.weight <= CAPACITY) return
      this.delete(oldest)
    }
  }

  clear(): void {
    this.views.clear()
    this.weight = 0
  }

  private delete(key: string): void {
    this.weight -= this.views.get(key)?.weight ?? 0
    this.views.delete(key)
  }
}
