import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const QUICKSTART = 'samples/quickstart/gateway.json'

/** What the samples for server stores have in place of lines of the quickstart. */
const samples: Readonly<Record<string, string>> = {
  postgres: `"main": { "adapter": "postgres", "url": "\${env.POSTGRES_URL}" }`,
  redis: `"main": { "adapter": "redis", "url": "\${env.REDIS_URL}" }`,
}
const STORE = `"main": { "adapter": "lmdb", "path": "\${env.SALLYPORT_DATA}" }`
const DATA = '"sampleData": "sample-data.json"'
const SHARED_DATA = '"sampleData": "../quickstart/sample-data.json"'

/** The quickstart on another store, and the difference as `diff` tells it. */
export function storeSamples(): { readonly path: string; readonly text: string }[] {
  const quickstart = readFileSync(join(import.meta.dirname, '..', QUICKSTART), 'utf8')
  return Object.entries(samples).flatMap(([name, store]) => {
    const path = `samples/${name}/gateway.json`
    const text = replaceLine(replaceLine(quickstart, STORE, store), DATA, SHARED_DATA)
    return [
      { path, text },
      { path: `${path}.diff`, text: diff(path, text) },
    ]
  })
}

function replaceLine(text: string, line: string, other: string): string {
  if (text.split(line).length === 2) return text.replace(line, () => other)
  throw new Error(`${QUICKSTART} must have ${line} once`)
}

function diff(path: string, text: string): string {
  const labels = [QUICKSTART, path].flatMap((name) => ['--label', name])
  const { stdout, stderr, status } = spawnSync('diff', ['-U1', ...labels, QUICKSTART, '-'], {
    cwd: join(import.meta.dirname, '..'),
    input: text,
    encoding: 'utf8',
  })
  if (status === 1) return stdout
  throw new Error(`diff found no difference between ${QUICKSTART} and ${path}: ${stderr}`)
}
