/**
 * 128 random bits as 32 characters. `randomUUID` would do, but a page that was not loaded over https has none.
 */
export const newId = <Id extends string>(): Id =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    ""
  ) as Id
