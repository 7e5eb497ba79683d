/** What an example's check exits with when it can't be done on this machine; its last line says why. */
export const LEFT_OUT = 77
