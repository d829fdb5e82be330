import { randomBytes } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Settings } from './settings.ts'

export interface AdminSecret {
  readonly secret: string
  /** Where it is kept, unless the environment gave it. */
  readonly file?: string
  /** It was made just now. */
  readonly isNew: boolean
}

/** `SALLYPORT_ADMIN_SECRET`, or the one kept in the data folder; the first call makes it, mode 0600. */
export function obtainAdminSecret({ adminSecret, data }: Settings): AdminSecret {
  if (adminSecret !== undefined) return { secret: adminSecret, isNew: false }
  const file = join(data, 'admin-secret')
  if (existsSync(file)) return { secret: readPrivateFile(file), file, isNew: false }
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const secret = randomBytes(24).toString('base64url')
  return createWhole(file, `${secret}\n`)
    ? { secret, file, isNew: true }
    : { secret: readPrivateFile(file), file, isNew: false }
}

/** Writes a file that is not there yet; on a full disk, or in a race, there is never half of one. */
function createWhole(file: string, text: string): boolean {
  const draft = `${file}.${process.pid}`
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' })
    linkSync(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(draft, { force: true })
  }
}

/** The secret of a gateway that runs already; nothing is made. */
export function findAdminSecret({ adminSecret, data }: Settings): string {
  if (adminSecret !== undefined) return adminSecret
  const file = join(data, 'admin-secret')
  if (existsSync(file)) return readPrivateFile(file)
  throw new Error(
    `there is no admin secret in ${data}; set SALLYPORT_ADMIN_SECRET, or SALLYPORT_DATA to the folder that the gateway was started with`,
  )
}

function readPrivateFile(file: string): string {
  if (statSync(file).mode & 0o077) {
    throw new Error(`${file} can be read by others; run: chmod 600 ${file}`)
  }
  const secret = readFileSync(file, 'utf8').trim()
  if (secret === '')
    throw new Error(`${file} is empty; remove it, and the next start makes a new one`)
  return secret
}
