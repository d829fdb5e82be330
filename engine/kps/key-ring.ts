import { hkdfSync, randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyRing } from '../gateway/extension.ts'
import { hmacSha256 } from './hmac.ts'

const KEY_BYTES = 32
const FIRST_KEY = 'k1'

/** What `ring.json` holds. */
interface RingFile {
  readonly current: string
  /** Key id → 32 bytes in base64. */
  readonly keys: Readonly<Record<string, string>>
}

/**
 * Opens the key ring in a folder, and makes both if they are not there yet. Two processes that start
 * at once end up with the same ring.
 *
 * @param folder `SALLYPORT_KEYS`; it belongs outside the stores, so that a dump of them is worth nothing
 * @throws Error naming the file and the remedy when others may read it, or it is not a ring
 */
export async function openKeyRing(folder: string): Promise<KeyRing> {
  const file = join(folder, 'ring.json')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const text = (await readRing(file)) ?? (await createRing(folder, file))
  return keyRing(parseRing(text, file), folder)
}

/** A ring that nobody keeps, for tests and traces. */
export function memoryKeyRing(): KeyRing {
  return keyRing(newRing(), 'memory')
}

async function readRing(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new Error(`${file} holds keys and others may read it; run: chmod 600 ${file}`)
    }
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** The file appears whole or not at all: written and synced under another name, then linked, which only one can win. */
async function createRing(folder: string, file: string): Promise<string> {
  const draft = join(folder, `.ring-${randomBytes(8).toString('hex')}`)
  try {
    await writeSynced(draft, `${JSON.stringify(newRing(), undefined, 2)}\n`)
    await link(draft, file)
    await syncFolder(folder)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
  return readFile(file, 'utf8')
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function newRing(): RingFile {
  return {
    current: FIRST_KEY,
    keys: { [FIRST_KEY]: randomBytes(KEY_BYTES).toString('base64') },
  }
}

function parseRing(text: string, file: string): RingFile {
  const ring = parseJson(text)
  if (!isRing(ring)) {
    throw new Error(
      `${file} is not a key ring; put the right file back, for without its keys nothing made with them can be checked`,
    )
  }
  return ring
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRing(value: unknown): value is RingFile {
  const { current, keys } = (value ?? {}) as Partial<RingFile>
  return (
    typeof current === 'string' &&
    typeof keys === 'object' &&
    keys !== null &&
    Object.hasOwn(keys, current) &&
    Object.values(keys).every(isKey)
  )
}

function isKey(text: unknown): boolean {
  return (
    typeof text === 'string' &&
    /^[A-Za-z0-9+/]{43}=$/.test(text) &&
    Buffer.from(text, 'base64').length === KEY_BYTES
  )
}

function keyRing({ current, keys }: RingFile, place: string): KeyRing {
  const masters = new Map(
    Object.entries(keys).map(([id, text]) => [id, Buffer.from(text, 'base64')]),
  )
  /** Key id → purpose → the HMAC under the key of both. */
  const derived = new Map<string, Map<string, (text: string) => Buffer>>(
    [...masters.keys()].map((id) => [id, new Map()]),
  )

  /** A key of its own for each purpose (RFC 5869), so that one purpose tells nothing about another. */
  function derive(id: string, purpose: string): ((text: string) => Buffer) | undefined {
    const master = masters.get(id)
    if (!master) return undefined
    const digest = hmacSha256(
      Buffer.from(hkdfSync('sha256', master, '', `sallyport ${purpose}`, KEY_BYTES)),
    )
    derived.get(id)?.set(purpose, digest)
    return digest
  }

  return {
    place,
    current,
    hmac(id, purpose, text) {
      const digest = derived.get(id)?.get(purpose) ?? derive(id, purpose)
      return digest?.(text)
    },
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
