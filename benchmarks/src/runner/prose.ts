/** Text as a model writes it: sentences and paragraphs that are the same for the same seed and never repeat, so that they compress like prose. */

const WORDS =
  "the of and to in is that for it as was with be by on not this are or from at which but have an had they you were there one all we can her has would what their if do will each about how up out them then she many some so these other into more two like him see time could no make than first been its now people my made over did down only way find use may water long little very after words called just where most know get through back much before go good new write our used me man too any day same right look think also around another came come work three word must because does part even place well such here take why things help put years different away again off went old number great tell men say small every found still between name should home big give air line set own under read last never us left end along while might next sound below saw something thought both few those always looked show large often together asked house world going want school important until form food keep children feet land side without boy once animals life enough took four head above kind began almost live page got earth need far hand high year mother light parts country father let night following picture being study second eyes soon times story boys since white days ever paper hard near sentence better best across during today others however sure means knew try told young miles sun ways thing whole hear example heard several change answer room sea against top turned learn point city play toward five using himself usually".split(
    " "
  )

/** ASCII of exactly `length` characters. */
export const prose = (seed: number, length: number): string => {
  const random = mulberry32(seed)
  const below = (n: number) => Math.floor(random() * n)
  let text = ""
  let paragraph = 0
  while (text.length < length) {
    const words = Array.from({ length: 5 + below(14) }, () => WORDS[below(WORDS.length)]!)
    const sentence = `${words[0]![0]!.toUpperCase()}${words.join(" ").slice(1)}.`
    paragraph += sentence.length
    const ends = paragraph > 400 + below(400)
    if (ends) paragraph = 0
    text += sentence + (ends ? "\n\n" : " ")
  }
  return text.slice(0, length)
}

/** A generator that is small and good enough for words. */
const mulberry32 = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
