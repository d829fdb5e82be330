/** Holds callers while something is being prepared; turns them away, with the reason, after it failed. */
export interface Gate {
  readonly isOpen: boolean
  /** Undefined when it is open: then nobody has to wait. */
  pass(): Promise<void> | undefined
  open(): void
  /** Until the next attempt. */
  shut(reason: Error): void
  /** Another attempt has begun: callers wait again. */
  retry(): void
}

interface Waiter {
  go(): void
  leave(reason: Error): void
}

export function makeGate(): Gate {
  let isOpen = false
  let failure: Error | undefined
  let waiters: Waiter[] = []

  /** Takes all who wait, so that none is told twice. */
  function dismiss(): readonly Waiter[] {
    const all = waiters
    waiters = []
    return all
  }

  return {
    get isOpen() {
      return isOpen
    },
    pass() {
      if (isOpen) return undefined
      if (failure !== undefined) return Promise.reject(failure)
      return new Promise((go, leave) => waiters.push({ go, leave }))
    },
    open() {
      isOpen = true
      for (const waiter of dismiss()) waiter.go()
    },
    shut(reason) {
      failure = reason
      for (const waiter of dismiss()) waiter.leave(reason)
    },
    retry() {
      failure = undefined
    },
  }
}
