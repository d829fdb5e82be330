import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { Misuse } from './contract.ts'

const MAGIC = 0xbeefc0de
const MAGIC_AT = 24

/** Looks at the file before lmdb does, which would end the process on one that is not its own. */
export function requireLmdbFile(folder: string, readOnly: boolean): void {
  const file = join(folder, 'data.mdb')
  if (!existsSync(file)) {
    if (!readOnly) return
    throw new Misuse(`there is no store at ${folder} yet; start the gateway once to make it`)
  }
  const header = readHeader(file)
  if (header.length === 0 && !readOnly) return
  if (header.length < MAGIC_AT + 4 || header.readUInt32LE(MAGIC_AT) !== MAGIC) {
    throw new Misuse(`${file} is no LMDB file; choose another path, or restore the store`)
  }
}

function readHeader(file: string): Buffer {
  const fd = openSync(file, 'r')
  try {
    const header = Buffer.alloc(MAGIC_AT + 4)
    return header.subarray(0, readSync(fd, header, 0, header.length, 0))
  } finally {
    closeSync(fd)
  }
}
