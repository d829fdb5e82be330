import { expect } from 'chai'
import fc from 'fast-check'
import { BadInput } from '../../../engine/http/bad-input.ts'
import { createRouter, findClashes, type Route } from '../../../engine/http/route.ts'

function routes(...lines: string[]): Route<string>[] {
  return lines.map((line) => {
    const [methods = '', path = ''] = line.split(' ')
    return { methods: methods.split(','), path, target: line }
  })
}

function target(found: ReturnType<ReturnType<typeof createRouter<string>>>): string | undefined {
  return found === undefined || found instanceof BadInput ? undefined : found.target
}

describe('a router', () => {
  const find = createRouter(
    routes(
      'GET /apps/:id',
      'GET /apps/new',
      'POST /apps/:app/tokens',
      'GET /apps/new/forms',
      'DELETE /apps/new',
      'GET /caf\u00e9/:name',
      'GET /',
      'GET /list/',
    ),
  )

  it('prefers a literal segment to a parameter', () => {
    expect(target(find('GET', '/apps/new'))).to.equal('GET /apps/new')
    expect(target(find('GET', '/apps/7'))).to.equal('GET /apps/:id')
  })

  it('comes back to the parameter where the literal leads nowhere', () => {
    expect(find('POST', '/apps/new/tokens')).to.deep.include({
      target: 'POST /apps/:app/tokens',
      params: { app: 'new' },
    })
  })

  it('decodes segments after splitting, so that an encoded slash stays in its segment', () => {
    expect(find('GET', '/apps/a%2Fb%20c')).to.deep.include({ params: { id: 'a/b c' } })
    expect(target(find('GET', '/apps%2Fnew'))).to.equal(undefined)
  })

  it('matches literals by what they mean, not by how they are encoded', () => {
    expect(target(find('GET', '/%61pps/new'))).to.equal('GET /apps/new')
    expect(target(find('GET', '/caf%C3%A9/x'))).to.equal('GET /caf\u00e9/:name')
  })

  it('refuses a parameter that cannot be decoded', () => {
    for (const path of ['/apps/%', '/apps/%zz', '/apps/%ff', '/apps/%C3']) {
      expect(find('GET', path)).to.include({ status: 400, reason: 'malformed-path' })
    }
  })

  it('leaves malformed paths that are not its own to others', () => {
    expect(find('GET', '/elsewhere/%')).to.equal(undefined)
  })

  it('gives parameters without a prototype', () => {
    const found = find('GET', '/apps/7')
    expect(found).to.have.property('params').that.satisfies(hasNoPrototype)
    expect(find('GET', '/')).to.have.property('params').that.satisfies(hasNoPrototype)
  })

  it('lets no parameter be empty and tells a final slash apart', () => {
    expect(find('GET', '/apps/')).to.equal(undefined)
    expect(target(find('GET', '/list/'))).to.equal('GET /list/')
    expect(find('GET', '/list')).to.equal(undefined)
  })

  it('answers another method on a known path with 405 and what is allowed', () => {
    expect(find('PUT', '/apps/new')).to.deep.include({
      status: 405,
      headers: { allow: 'DELETE, GET, HEAD' },
    })
    expect(find('GET', '/apps/7/tokens')).to.deep.include({ headers: { allow: 'POST' } })
  })

  it('serves HEAD by GET unless HEAD has a route of its own', () => {
    expect(target(find('HEAD', '/apps/new'))).to.equal('GET /apps/new')
    const own = createRouter(routes('GET /a', 'HEAD /a'))
    expect(target(own('HEAD', '/a'))).to.equal('HEAD /a')
  })

  it('knows nothing of what it was not given', () => {
    expect(find('GET', '/nothing/here')).to.equal(undefined)
    expect(find('GET', '/__proto__')).to.equal(undefined)
    expect(find('OPTIONS', '*')).to.equal(undefined)
  })

  it('finds what trying every route finds', () => {
    fc.assert(
      fc.property(fc.array(arbitraryRoute, { maxLength: 12 }), arbitraryPath, (list, path) => {
        const unclashed = list.filter((_, index) =>
          findClashes(list.slice(0, index + 1)).every(({ second }) => second !== index),
        )
        expect(target(createRouter(unclashed)('GET', path))).to.equal(bruteForce(unclashed, path))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('clashing routes', () => {
  const clashes = (...lines: string[]) => findClashes(routes(...lines))

  it('are those of the same shape with a method in common', () => {
    expect(clashes('GET /a/:x', 'GET /a/:y')).to.deep.equal([{ first: 0, second: 1 }])
    expect(clashes('GET /a', 'POST,GET /a')).to.deep.equal([{ first: 0, second: 1 }])
    expect(clashes('GET /a/:x/b', 'GET /b', 'GET /a/:y/b')).to.deep.equal([{ first: 0, second: 2 }])
  })

  it('are not those that differ in method or in a literal', () => {
    expect(clashes('GET /a/:x', 'POST /a/:y', 'GET /a/b', 'GET /a/:x/')).to.deep.equal([])
  })

  it('are told once, however many methods they share', () => {
    expect(clashes('GET,POST /a', 'GET,POST /a')).to.have.length(1)
  })
})

const segment = fc.constantFrom('a', 'b', ':x', ':y')
const arbitraryRoute = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .chain((segments) =>
    fc
      .uuid()
      .map((id) => ({ methods: ['GET'], path: `/${segments.join('/')}`, target: id }) as const),
  )
const arbitraryPath = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
  .map((segments) => `/${segments.join('/')}`)

/** Of all routes that fit, the one whose literals come first. */
function bruteForce(list: readonly Route<string>[], path: string): string | undefined {
  const segments = path.split('/')
  const fitting = list.filter((route) => {
    const pattern = route.path.split('/')
    return (
      pattern.length === segments.length &&
      pattern.every((part, index) => part.startsWith(':') || part === segments[index])
    )
  })
  const rank = (route: Route<string>) => route.path.replace(/:\w+/g, '~')
  return fitting.sort((one, other) => (rank(one) < rank(other) ? -1 : 1))[0]?.target
}

function hasNoPrototype(value: object): boolean {
  return Object.getPrototypeOf(value) === null
}
