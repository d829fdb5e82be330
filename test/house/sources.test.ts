import { expect } from 'chai'
import { ENVIRONMENT } from '../../scripts/environment.ts'
import { listFiles, readText, roomOf, type Source, sources } from './sources.ts'

/** From the top downwards; each imports only from its own and from those below. */
const FLOORS = [['cli'], ['index.ts', 'testing.ts'], ['filters'], ['oauth'], ['engine']]

const OUR_DOORS = ['engine/index.ts', 'oauth/index.ts']

describe('the sources', () => {
  it('import one way: cli, index, filters, oauth, engine', () => {
    const floorOf = (path: string) => FLOORS.findIndex((floor) => floor.includes(roomOf(path)))
    const upward = ours(({ path }, target) => floorOf(target) < floorOf(path))
    expect(upward).to.deep.equal([])
  })

  it('let a filter import only what a stranger may import', () => {
    const tooMuch = sources
      .filter(({ path }) => /^filters\/.*\//.test(path))
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ target }) => !OUR_DOORS.includes(target) && !target.startsWith('node:'))
          .map(({ target }) => `${path} → ${target}`),
      )
    expect(tooMuch).to.deep.equal([])
  })

  it('give each package one door; types may be known in its room', () => {
    const users = sources.flatMap(({ path, imports }) =>
      imports.filter(isForeign).map((one) => ({ path, ...one })),
    )
    const packages = [...new Set(users.map(({ target }) => target))]
    const doors = packages.map((name) => {
      const using = users.filter(({ target }) => target === name)
      const rooms = new Set(using.map(({ path }) => path.split('/').slice(0, -1).join('/')))
      const values = using.filter(({ typeOnly }) => !typeOnly)
      return { name, doors: values.length, rooms: rooms.size }
    })
    // The suite that proves the contract of storage proves it through Keyv itself.
    const strict = doors.filter(({ name }) => name !== 'keyv')
    expect(strict).to.deep.equal(strict.map(({ name }) => ({ name, doors: 1, rooms: 1 })))
    const declared = Object.keys(JSON.parse(readText('package.json')).dependencies)
    expect(packages.sort()).to.deep.equal(declared.sort())
  })

  it('have no circle of imports', () => {
    const edges = new Map(
      sources.map(({ path, imports }) => [
        path,
        imports.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target),
      ]),
    )
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' → '))
      else if (!done.has(path)) {
        for (const target of edges.get(path) ?? []) visit(target, [...way, path])
        done.add(path)
      }
    }
    for (const path of edges.keys()) visit(path, [])
    expect(circles).to.deep.equal([])
  })

  it('keep OAuth out of the engine', () => {
    const words =
      /oauth|client_?(id|secret)|\bgrant|\bscopes?\b|(access|refresh|bearer)[ _-]?token|introspect|revo(ke|cation)|redirect_?uri|consent|'resource'/i
    expect(linesOf('engine', words)).to.deep.equal([])
  })

  it('read environment and arguments in the command line only', () => {
    const reading = /process\.(env|argv)/
    const below = ['engine', 'oauth', 'filters', 'index.ts', 'testing.ts']
    expect(below.flatMap((room) => linesOf(room, reading))).to.deep.equal([])
  })

  it('document every variable that they read, and no other', () => {
    const read = sources.flatMap(
      ({ code }) => code.match(/\b(SALLYPORT_[A-Z_]+|NODE_ENV)\b/g) ?? [],
    )
    const documented = ENVIRONMENT.map(({ name }) => name)
    expect([...new Set(read)].sort()).to.deep.equal(documented.toSorted())
  })

  it('stop at 300 lines a file', () => {
    const scripts = listFiles('scripts', /\.ts$/).map((path) => ({ path, text: readText(path) }))
    const long = [...sources, ...scripts].filter(({ text }) => text.split('\n').length > 301)
    expect(long.map(({ path }) => path)).to.deep.equal([])
  })

  it('leave nothing half done', () => {
    const words = new RegExp(['TO' + 'DO', 'FIX' + 'ME', '\\.on' + 'ly\\('].join('|'))
    const files = ['engine', 'oauth', 'filters', 'cli', 'scripts', 'test'].flatMap((folder) =>
      listFiles(folder, /\.ts$/),
    )
    expect(files.filter((path) => words.test(readText(path)))).to.deep.equal([])
  })
})

function isForeign({ target }: { readonly target: string }): boolean {
  return !target.endsWith('.ts') && !target.startsWith('node:')
}

/** Imports of our own files that are judged bad, as `from → to`. */
function ours(isBad: (source: Source, target: string) => boolean): readonly string[] {
  return sources.flatMap((source) =>
    source.imports
      .filter(({ target }) => target.endsWith('.ts') && isBad(source, target))
      .map(({ target }) => `${source.path} → ${target}`),
  )
}

function linesOf(room: string, words: RegExp): readonly string[] {
  return sources
    .filter(({ path }) => roomOf(path) === room)
    .flatMap(({ path, code }) =>
      code
        .split('\n')
        .filter((line) => words.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    )
}
