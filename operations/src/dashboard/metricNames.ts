/** What a PromQL expression asks for, found with the parser that Prometheus' own page has. */
import { parser } from "@prometheus-io/lezer-promql"

export interface Selector {
  readonly metric: string
  /** Labels that its matchers name. */
  readonly labels: ReadonlyArray<string>
}

export interface Asked {
  readonly selectors: ReadonlyArray<Selector>
  /** Labels that results are grouped by. */
  readonly groupedBy: ReadonlyArray<string>
}

/** Throws an Error where Prometheus would refuse the expression. Grafana's variables must be filled in. */
export const askedBy = (expression: string): Asked => {
  const selectors: Array<{ metric: string; labels: Array<string> }> = []
  const groupedBy: Array<string> = []
  let within: { metric: string; labels: Array<string> } | undefined
  parser.parse(expression).iterate({
    enter: ({ from, name, to, type, node }) => {
      const text = expression.slice(from, to)
      if (type.isError) throw new Error(`This is no PromQL at ${from}: ${expression}`)
      if (name === "VectorSelector") {
        within = { metric: "", labels: [] }
        selectors.push(within)
      } else if (name === "Identifier" && within !== undefined && within.metric === "") within.metric = text
      else if (name === "LabelName" && node.parent?.name === "GroupingLabels") groupedBy.push(text)
      else if (name === "LabelName") within?.labels.push(text)
    },
    leave: ({ name }) => {
      if (name === "VectorSelector") within = undefined
    }
  })
  return { selectors, groupedBy }
}
