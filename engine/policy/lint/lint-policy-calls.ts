import { type Draft, report } from './draft.ts'
import type { Reference } from './lint-settings.ts'

/** A policy, and the settings in it that name another policy. */
export interface Caller {
  readonly draft: Draft
  readonly calls: readonly Reference[]
}

/**
 * Puts each policy after all that it runs. A policy that runs itself, or one that does, is reported
 * once and left out with all that depend on it.
 */
export function orderByCalls(callers: ReadonlyMap<string, Caller>): readonly string[] {
  const state = new Map<string, 'open' | 'sound' | 'circular'>()
  const ordered: string[] = []

  function visit(name: string, path: readonly string[]): boolean {
    const caller = callers.get(name)
    const known = state.get(name)
    if (known !== undefined) return known === 'sound'
    if (caller === undefined) return false
    state.set(name, 'open')
    const here = [...path, name]
    let sound = true
    for (const call of caller.calls) {
      if (here.includes(call.name)) reportCircle(caller.draft, call, here)
      if (!visit(call.name, here)) sound = false
    }
    state.set(name, sound ? 'sound' : 'circular')
    if (sound) ordered.push(name)
    return sound
  }

  for (const name of [...callers.keys()].sort()) visit(name, [])
  return ordered
}

function reportCircle(draft: Draft, call: Reference, path: readonly string[]): void {
  const circle = [...path.slice(path.indexOf(call.name)), call.name].join(' → ')
  report(draft, 'policy-cycle', {
    pointer: call.pointer,
    message: `policy "${call.name}" would run itself: ${circle}`,
    remedy: 'remove one of the nodes that close the circle',
  })
}
