import { BadInput } from './bad-input.ts'

/** A path pattern such as `/apps/:id`, written decoded. A segment that begins with `:` is a parameter. */
export interface Route<Target> {
  readonly methods: readonly string[]
  readonly path: string
  readonly target: Target
}

export interface RouteMatch<Target> {
  readonly target: Target
  /** The pattern, for the log: it holds nothing that the client sent. */
  readonly pattern: string
  readonly params: Readonly<Record<string, string>>
}

/** Finds what serves a path, refuses what is known but cannot be served, and leaves the rest to others. */
export type Router<Target> = (
  method: string,
  path: string,
) => RouteMatch<Target> | BadInput | undefined

interface Leaf<Target> {
  readonly target: Target
  readonly pattern: string
  /** Where each parameter stands in the path. */
  readonly names: readonly (readonly [position: number, name: string])[]
  /** What a path without parameters always gives. */
  readonly match: RouteMatch<Target>
}

interface Branch<Target> {
  readonly literals: Map<string, Branch<Target>>
  parameter?: Branch<Target>
  readonly leaves: Map<string, Leaf<Target>>
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze(Object.create(null))

/**
 * At each step a literal segment beats a parameter; where that leads nowhere, the parameter is tried.
 * Of two routes of the same shape the first wins: `findClashes` has refused the second before.
 */
export function createRouter<Target>(routes: readonly Route<Target>[]): Router<Target> {
  const root = grow(routes)
  const literals = indexLiterals(routes, root)

  return function findRoute(method, path) {
    const literal = leafFor(literals.get(path), method)
    if (literal) return literal.match
    if (!path.startsWith('/')) return undefined
    const segments = decodeSegments(path)
    const leaf = walk(root, segments, 0, method)
    if (leaf) return matchLeaf(leaf, segments)
    const methods = collectMethods(root, segments, 0)
    return methods.size > 0 ? wrongMethod(methods) : undefined
  }
}

export interface Clash {
  readonly first: number
  readonly second: number
}

/** Pairs of routes, by position, that the same request would fit equally well. */
export function findClashes(routes: readonly Omit<Route<unknown>, 'target'>[]): Clash[] {
  const clashes = new Map<string, Clash>()
  const taken = new Map<string, number>()
  routes.forEach(({ methods, path }, second) => {
    const shape = path.replace(/(?<=\/):[^/]*/g, ':')
    for (const method of methods) {
      const first = taken.get(`${method} ${shape}`)
      if (first === undefined) taken.set(`${method} ${shape}`, second)
      else clashes.set(`${first} ${second}`, { first, second })
    }
  })
  return [...clashes.values()]
}

function grow<Target>(routes: readonly Route<Target>[]): Branch<Target> {
  const root = newBranch<Target>()
  for (const { methods, path, target } of routes) {
    const segments = split(path)
    let branch = root
    for (const segment of segments) branch = step(branch, segment)
    const leaf = newLeaf(target, path, segments)
    for (const method of methods) {
      if (!branch.leaves.has(method)) branch.leaves.set(method, leaf)
    }
  }
  return root
}

function newBranch<Target>(): Branch<Target> {
  return { literals: new Map(), leaves: new Map() }
}

function step<Target>(branch: Branch<Target>, segment: string): Branch<Target> {
  if (segment.startsWith(':')) {
    branch.parameter ??= newBranch()
    return branch.parameter
  }
  const known = branch.literals.get(segment)
  if (known) return known
  const made = newBranch<Target>()
  branch.literals.set(segment, made)
  return made
}

function newLeaf<Target>(target: Target, pattern: string, segments: readonly string[]) {
  const names = segments.flatMap((segment, position) =>
    segment.startsWith(':') ? [[position, segment.slice(1)] as const] : [],
  )
  return { target, pattern, names, match: { target, pattern, params: NO_PARAMS } }
}

/** Most paths have no parameter, and then nothing beats them: one look-up instead of a walk. */
function indexLiterals<Target>(routes: readonly Route<Target>[], root: Branch<Target>) {
  const index = new Map<string, Branch<Target>>()
  for (const { path } of routes) {
    if (path.includes('/:')) continue
    let branch = root
    for (const segment of split(path)) branch = step(branch, segment)
    index.set(path, branch)
  }
  return index
}

function walk<Target>(
  branch: Branch<Target>,
  segments: readonly (string | undefined)[],
  position: number,
  method: string,
): Leaf<Target> | undefined {
  if (position === segments.length) return leafFor(branch, method)
  for (const next of nextBranches(branch, segments[position])) {
    const leaf = walk(next, segments, position + 1, method)
    if (leaf) return leaf
  }
  return undefined
}

function collectMethods<Target>(
  branch: Branch<Target>,
  segments: readonly (string | undefined)[],
  position: number,
): Set<string> {
  if (position === segments.length) return new Set(branch.leaves.keys())
  const below = nextBranches(branch, segments[position]).map((next) =>
    collectMethods(next, segments, position + 1),
  )
  return new Set(below.flatMap((methods) => [...methods]))
}

/** Where a segment may lead, the better way first. An empty segment fits no parameter. */
function nextBranches<Target>(branch: Branch<Target>, segment: string | undefined) {
  const literal = segment === undefined ? undefined : branch.literals.get(segment)
  const parameter = segment === '' ? undefined : branch.parameter
  if (literal && parameter) return [literal, parameter]
  return literal ? [literal] : parameter ? [parameter] : []
}

function leafFor<Target>(branch: Branch<Target> | undefined, method: string) {
  const leaf = branch?.leaves.get(method)
  return leaf ?? (method === 'HEAD' ? branch?.leaves.get('GET') : undefined)
}

function matchLeaf<Target>(
  leaf: Leaf<Target>,
  segments: readonly (string | undefined)[],
): RouteMatch<Target> | BadInput {
  if (leaf.names.length === 0) return leaf.match
  const params: Record<string, string> = Object.create(null)
  for (const [position, name] of leaf.names) {
    const value = segments[position]
    if (value === undefined) {
      return new BadInput(400, 'malformed-path', 'the path is not valid percent-encoded UTF-8')
    }
    params[name] = value
  }
  return { target: leaf.target, pattern: leaf.pattern, params }
}

function wrongMethod(methods: ReadonlySet<string>): BadInput {
  const allowed = methods.has('GET') ? [...methods, 'HEAD'] : [...methods]
  const allow = [...new Set(allowed)].sort().join(', ')
  return new BadInput(405, 'wrong-method', `this path is served with ${allow} only`, { allow })
}

function split(path: string): string[] {
  return path.slice(1).split('/')
}

/** `undefined` stands for a segment that cannot be decoded: it equals no literal. */
function decodeSegments(path: string): (string | undefined)[] {
  const segments = split(path)
  return path.includes('%') ? segments.map(decodeSegment) : segments
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
