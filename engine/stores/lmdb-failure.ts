import { getSystemErrorName } from 'node:util'

const GIVE = 'its files may not be used: give them to the user who runs the gateway'
const FOLDER = 'it is not a folder: choose another path'

/** What the operator can do, by the name of a system error or the number of one of LMDB's. */
const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space, then it goes on by itself',
  EDQUOT: 'the disk quota is used up: raise it, then it goes on by itself',
  EFBIG: 'data.mdb may not grow: raise the limit of file sizes (ulimit -f), then start again',
  EACCES: GIVE,
  EPERM: GIVE,
  EROFS: 'the disk is mounted read-only: mount it for writing, or choose another path',
  ENOENT: 'there is no store: check the path, or start the gateway once to make it',
  ENOTDIR: FOLDER,
  EEXIST: FOLDER,
  EISDIR: 'data.mdb is a folder: choose another path',
  EIO: 'the disk is full or fails: free some space, or check the disk',
  ENOLCK: 'its file system has no locks: choose a local disk',
  '-30796': 'data.mdb is damaged: restore the store from a copy',
  '-30791': 'it has too many collections: put some of them into a second store',
}

/** An error of the disk or of LMDB, with the path and a remedy; any other as it is. */
export function explainFailure(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? nameOf(error.code) : undefined
  if (code === undefined) return error
  const remedy = remedies[code] ?? 'see the cause'
  return new Error(`the store at ${path} failed (${code}); ${remedy}`, { cause: error })
}

/**
 * Why a commit failed. lmdb tells it by a promise on the error, which rejects, and to which somebody
 * has to listen, or the process ends.
 */
export async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error)) return error
  try {
    await error.commitError
    return error
  } catch (reason) {
    return reason
  }
}

function nameOf(code: unknown): string | undefined {
  if (typeof code === 'string') return code
  if (typeof code !== 'number') return undefined
  return code > 0 ? getSystemErrorName(-code) : String(code)
}
