import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Who holds a store that admits one process. */
export interface Holder {
  readonly pid: number
  /** ISO 8601 */
  readonly since: string
  /** Address of its management port. */
  readonly management?: string
}

/** Another process holds the store, or another part of this one. */
export class StoreHeld extends Error {
  override name = 'StoreHeld'
  readonly holder: Holder | undefined

  constructor(path: string, holder: Holder | undefined) {
    const who = holder === undefined ? 'another process' : `process ${holder.pid}`
    const where = holder?.management === undefined ? '' : ` (${holder.management})`
    super(
      `the store at ${path} is held by ${who}: stop it, or use a server store such as postgres or redis for several processes; CLI verbs speak to its management port${where}`,
    )
    this.holder = holder
  }
}

export function lockFile(path: string): string {
  return join(path, 'lock')
}

/** What the holder has written about itself; whether it still holds the store, only the lock tells. */
export function readHolder(path: string): Holder | undefined {
  try {
    const holder: Holder = JSON.parse(readFileSync(lockFile(path), 'utf8'))
    return typeof holder.pid === 'number' ? holder : undefined
  } catch {
    return undefined
  }
}
