import { createRequire } from 'node:module'
import { isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A path is relative to `gateway.json`; a package is looked for from there first, then from here. */
export function resolveModule(name: string, folder: string): string {
  if (/^\.{1,2}\//.test(name) || isAbsolute(name)) return pathToFileURL(resolve(folder, name)).href
  try {
    return pathToFileURL(createRequire(join(folder, 'gateway.json')).resolve(name)).href
  } catch {
    return name
  }
}
