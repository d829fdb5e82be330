import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Source {
  /** Relative to the root: `engine/policy/run/run.ts`. */
  readonly path: string
  readonly text: string
  /** Without comments. */
  readonly code: string
  readonly imports: readonly Import[]
}

export interface Import {
  /** A path relative to the root, or the name of a package. */
  readonly target: string
  readonly typeOnly: boolean
}

const ROOMS = ['engine', 'oauth', 'filters', 'cli']

/** What the package consists of. */
export const sources: readonly Source[] = [
  ...ROOMS.flatMap((room) => listFiles(room, /\.ts$/)),
  'index.ts',
  'testing.ts',
].map(readSource)

/** The files below a folder, relative to the root, without what is installed or built. */
export function listFiles(folder: string, name: RegExp): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => !['node_modules', 'dist', 'coverage', '.git'].includes(entry.name))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory()) return listFiles(path, name)
      return name.test(entry.name) ? [path] : []
    })
    .sort()
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

export function roomOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : path
}

function readSource(path: string): Source {
  const text = readText(path)
  const code = text.replaceAll(/^\s*(\/\*\*|\*|\/\/).*$/gm, '')
  return { path, text, code, imports: findImports(path, code) }
}

function findImports(path: string, code: string): readonly Import[] {
  const standing = /^(?:import|export)\s(?<what>[\w\s{},*$]*?\sfrom\s)?'(?<from>[^']+)'/gm
  const onDemand = /\bimport\('(?<from>[^']+)'\)/g
  return [...code.matchAll(standing), ...code.matchAll(onDemand)].map(({ groups = {} }) => ({
    target: resolveImport(path, groups.from ?? ''),
    typeOnly: groups.what?.startsWith('type ') ?? false,
  }))
}

function resolveImport(path: string, from: string): string {
  if (from.startsWith('.')) return relative(ROOT, join(ROOT, posix.dirname(path), from))
  return from.startsWith('node:') ? from : (/^(@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? from)
}
