import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { tryLock, unlock } from 'fs-native-extensions'
import { type Holder, lockFile, readHolder, StoreHeld } from './held.ts'

/** The right to write to a store: the operating system takes it back when the process ends, however it ends. */
export interface Lock {
  /** Adds the address at which the holder can be spoken to. */
  announce(management: string): void
  release(): void
}

/** Takes the lock of the store in that folder, or throws `StoreHeld`. */
export function takeLock(path: string): Lock {
  const fd = openSync(lockFile(path), 'a+', 0o600)
  if (!tryLockOrClose(fd)) throw new StoreHeld(path, readHolder(path))
  const holder: Holder = { pid: process.pid, since: new Date().toISOString() }
  write(fd, holder)
  let held = true
  return {
    announce(management) {
      if (held) write(fd, { ...holder, management })
    },
    release() {
      // Once released, the number of the descriptor may stand for another file.
      if (!held) return
      held = false
      ftruncateSync(fd)
      unlock(fd)
      closeSync(fd)
    },
  }
}

function tryLockOrClose(fd: number): boolean {
  let locked = false
  try {
    locked = tryLock(fd)
  } finally {
    if (!locked) closeSync(fd)
  }
  return locked
}

function write(fd: number, holder: Holder): void {
  ftruncateSync(fd)
  writeSync(fd, JSON.stringify(holder))
}
