import { readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import type { PolicySource } from '../policy/policy.ts'

const POLICY = '.json'
const TEST = '.test.json'

/** All policies below a folder, in the order of their names. What stands beside them as `.test.json` is none. */
export async function readPolicies(folder: string): Promise<readonly PolicySource[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file.endsWith(POLICY) && !file.endsWith(TEST))
    .sort()
  return Promise.all(
    files.map(async (file) => ({
      name: relative(folder, file).slice(0, -POLICY.length).replaceAll(sep, '/'),
      file: shortPath(file),
      text: await readFile(file, 'utf8'),
    })),
  )
}

/** As one would type it here: relative where the file lies below, else absolute. */
export function shortPath(file: string): string {
  const path = relative('.', file)
  return path.startsWith('..') ? resolve(file) : path
}
