import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { cpus, platform, release } from 'node:os'
import { join } from 'node:path'
import { isPinned, plan } from './plan.ts'
import { figureOf } from './statistics.ts'

/** What the figures were measured on: they mean little without it. */
export function describeMachine(folder: string): readonly string[] {
  const cores = cpus()
  const sync = figureOf(Array.from({ length: 50 }, timeSync(join(folder, 'sync'))))
  return [
    `Node ${process.versions.node}, ${platform()} ${release()}, ${cores.length} × ${cores[0]?.model.trim()}`,
    `A page of 4 KiB written and synced: ${sync.median.toFixed(2)} ms (${sync.least.toFixed(2)}–${sync.most.toFixed(2)})`,
    isPinned
      ? 'Each server alone on core 0, the load on core 1'
      : 'NOT PINNED: there is one core only, or no taskset; servers and load get in each other’s way',
    `${plan.rounds} rounds of ${plan.seconds} s, 32 connections; medians, in brackets the least and the most`,
  ]
}

function timeSync(file: string): () => number {
  const page = Buffer.alloc(4096, 1)
  return () => {
    const descriptor = openSync(file, 'w')
    writeSync(descriptor, page)
    const start = performance.now()
    fdatasyncSync(descriptor)
    const time = performance.now() - start
    closeSync(descriptor)
    return time
  }
}
