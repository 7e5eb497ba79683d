/** `npm run pack`: builds the published packages and packs them into `packed/`. It fails when one of them could not be published. */
import { complaints, MOST_BYTES } from "./complaints.ts"
import { packAll } from "./tarballs.ts"

await import("./build.ts")

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`
const tarballs = packAll("packed")
let wrong = 0

console.log()
for (const tarball of tarballs) {
  const { files, manifest, path, size } = tarball
  console.log(`${path.padEnd(52)} ${kilobytes(size).padStart(8)}, ${files.length} files`)
  for (const complaint of await complaints(tarball)) {
    wrong += 1
    console.log(`  ${manifest.name}: ${complaint}`)
  }
}
const total = tarballs.reduce((sum, { size }) => sum + size, 0)
console.log(`\n${tarballs.length} tarballs, ${kilobytes(total)}; each may have ${kilobytes(MOST_BYTES)}.`)
process.exitCode = wrong === 0 ? 0 : 1
