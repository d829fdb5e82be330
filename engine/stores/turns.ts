/** Runs what is done under one key one after the other; other keys do not wait. */
export function takeTurns(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()

  return function inTurn(key, work) {
    const before = last.get(key)
    const run = before === undefined ? work() : before.then(work, work)
    last.set(key, run)
    const leave = () => {
      if (last.get(key) === run) last.delete(key)
    }
    run.then(leave, leave)
    return run
  }
}
