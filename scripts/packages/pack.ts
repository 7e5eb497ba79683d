/** `npm run pack`: builds the published packages and packs them into `packed/`. It fails when one of them could not be published. */
import { build } from "./build.ts"
import { complaints, MOST_BYTES } from "./complaints.ts"
import { packAll, type Tarball } from "./tarballs.ts"

export const kibibytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`

/** Prints what was packed and what is wrong with it; throws when anything is. */
export const pack = async (): Promise<ReadonlyArray<Tarball>> => {
  build()
  const tarballs = packAll("packed")
  let wrong = 0
  console.log()
  for (const tarball of tarballs) {
    const { files, path, size } = tarball
    console.log(`${path.padEnd(52)} ${kibibytes(size).padStart(8)}, ${files.length} files`)
    for (const complaint of await complaints(tarball)) {
      wrong += 1
      console.log(`  ${complaint}`)
    }
  }
  const total = tarballs.reduce((sum, { size }) => sum + size, 0)
  console.log(`\n${tarballs.length} tarballs, ${kibibytes(total)}. Each may have ${kibibytes(MOST_BYTES)}.`)
  if (wrong > 0) throw new Error(`${wrong} things are wrong with the tarballs, and said above.`)
  return tarballs
}

if (import.meta.main) await pack()
