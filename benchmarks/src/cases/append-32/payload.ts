/** What each writer writes, here and there: a thread's new title and metadata, about 200 bytes of JSON. */
export const payloadOf = (writer: number, n: number) => ({
  title: `Quarterly report, draft ${n} of writer ${writer}`,
  metadata: {
    project: "reports/2026/q3",
    labels: ["finance", "draft", "internal"],
    reviewer: "someone@example.com",
    revision: n,
    note: "Figures of September are preliminary."
  }
})
