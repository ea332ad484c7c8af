import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'

/**
 * Pieces of pacts, each named by its own SHA-256: writing the same bytes twice is harmless, and a piece that
 * no row names (a crash between the file and the row) is rubbish that hurts nobody.
 */
export interface Files {
  /** Keeps `bytes` durably before it returns their SHA-256 (32 bytes). */
  put(bytes: Uint8Array): Promise<Buffer>
  /** The bytes with this SHA-256; throws when they are missing or are no longer those bytes. */
  get(sha256: Uint8Array): Promise<Buffer>
}

const compress = promisify(gzip)
const expand = promisify<Uint8Array, Buffer>(gunzip)

/**
 * Files in a folder: `ab/abcdef….gz`, each compressed and named by what it holds. One without `.gz` was written
 * before pieces were compressed and is read as it is.
 */
export function openFolder(folder: string): Files {
  const path = (sha256: Uint8Array) => {
    const name = Buffer.from(sha256).toString('hex')
    return join(folder, name.slice(0, 2), name)
  }
  let writes = 0
  return {
    async put(bytes) {
      const sha256 = createHash('sha256').update(bytes).digest()
      const target = `${path(sha256)}.gz`
      await mkdir(dirname(target), { recursive: true })
      const draft = `${target}.${process.pid}.${++writes}.new`
      const file = await open(draft, 'w', 0o600)
      try {
        await file.writeFile(await compress(bytes))
        await file.sync()
      } finally {
        await file.close()
      }
      // A reader sees the whole file or none; the rename itself is safe to repeat.
      await rename(draft, target)
      return sha256
    },
    async get(sha256) {
      const read = async () => {
        const packed = await readFile(`${path(sha256)}.gz`).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error
        })
        return packed ? expand(packed).catch(() => Buffer.alloc(0)) : readFile(path(sha256))
      }
      const bytes = await read()
      if (!createHash('sha256').update(bytes).digest().equals(Buffer.from(sha256)))
        throw new Error(
          `file ${path(sha256)} no longer has the bytes it is named after; restore it from a backup`,
        )
      return bytes
    },
  }
}
