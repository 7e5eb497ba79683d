/** Looks every 50 ms; false when the condition did not come true within `timeout` milliseconds. */
export const waitUntil = async (condition: () => boolean, timeout: number): Promise<boolean> => {
  const began = performance.now()
  while (!condition()) {
    if (performance.now() - began > timeout) return false
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return true
}
