import { expect } from 'chai'
import fc from 'fast-check'
import { lint } from './lint-setup.ts'

interface PlainNode {
  readonly filter: string
  readonly config?: object
  readonly on: Readonly<Record<string, string>>
}

const end = { success: '@success', failure: '@failure' }
const policy = (nodes: Record<string, PlainNode>, more: object = {}) => ({
  description: 'A test',
  start: Object.keys(nodes)[0],
  nodes,
  ...more,
})
const set = (config: object, on: PlainNode['on'] = end): PlainNode => ({
  filter: 'demo/set',
  config,
  on,
})
const respond = (body: unknown = 'ok', to = '@success'): PlainNode => ({
  filter: 'demo/respond',
  config: { body },
  on: { success: to },
})
const run = (name: string, on: PlainNode['on']): PlainNode => ({
  filter: 'demo/run',
  config: { policy: name },
  on,
})

/** The messages of the findings for policies of which the first is routed. */
function messages(policies: Record<string, object>): readonly string[] {
  const routed = Object.keys(policies).slice(0, 1)
  return lint(policies, routed).findings.map(({ message }) => message)
}

describe('Data flow', () => {
  it('meets a read by a write on every path, be it in different nodes', () => {
    const left = set({ names: ['x'] }, { success: 'say', failure: 'say' })
    const right = set({ names: ['x'] }, { success: 'say', failure: 'end' })
    const nodes = {
      fork: set({}, { success: 'left', failure: 'right' }),
      left,
      right,
      say: respond({ var: 'x' }),
      end: respond(),
    }
    expect(messages({ main: policy(nodes) })).to.deep.equal([
      'node "say" reads "x", which the path fork (success) → left (failure) → say does not write',
    ])
    const mended = { ...nodes, left: set({ names: ['x'] }, { success: 'say', failure: 'end' }) }
    expect(messages({ main: policy(mended) })).to.deep.equal([])
  })

  it('takes the longest attribute that the policy knows for what a path reads', () => {
    const nodes = (name: string) => ({
      first: set({ names: ['a'], perhaps: ['a.b'] }, { success: 'say', failure: 'say2' }),
      say: respond({ var: name }),
      say2: respond(),
    })
    expect(messages({ main: policy(nodes('a.bc')) })).to.deep.equal([])
    expect(messages({ main: policy(nodes('a.c.b')) })).to.deep.equal([])
    expect(messages({ main: policy(nodes('a.b.c')) })).to.deep.equal([
      'node "say" reads "a.b.c", which is only perhaps written, by node "first"',
    ])
    expect(messages({ main: policy(nodes('ab.c')) })).to.deep.equal([
      'node "say" reads "ab.c", which nothing before it writes',
    ])
  })

  it('has no default mean that a read is optional, and a default that it is not asked for', () => {
    expect(messages({ main: policy({ say: respond({ var: ['x', 1] }) }) })).to.deep.equal([])
    expect(messages({ main: policy({ say: respond({ missing: ['x'] }) }) })).to.deep.equal([])
    expect(
      messages({ main: policy({ say: respond({ var: ['x', { var: 'y' }] }) }) }),
    ).to.deep.equal(['node "say" reads "y", which nothing before it writes'])
  })

  it('knows the request from the start, and the fault on the fault path only', () => {
    const body = { cat: [{ var: 'request.method' }, { var: 'fault.node' }] }
    const nodes = { say: respond('ok'), apologise: respond(body, '@failure') }
    expect(messages({ main: policy(nodes, { fault: 'apologise' }) })).to.deep.equal([])
    expect(messages({ main: policy({ say: respond(body) }) })).to.deep.equal([
      'node "say" reads "fault.node", which nothing before it writes',
    ])
  })

  it('holds nothing for certain on the fault path that the policy itself writes', () => {
    const nodes = {
      first: set({ names: ['x'] }, { success: 'say', failure: 'say' }),
      say: respond('ok', '@success'),
      apologise: set({ reads: ['x'] }, { success: 'sorry', failure: 'sorry' }),
      sorry: respond({ var: 'response.status' }, '@failure'),
    }
    expect(messages({ main: policy(nodes, { fault: 'apologise' }) })).to.deep.equal([
      'node "apologise" reads "x", which the path (fault) → apologise does not write',
      'node "sorry" reads "response.status", which the path (fault) → apologise (success) → sorry does not write',
    ])
  })

  it('asks for a response on the fault path too', () => {
    const nodes = { say: respond(), apologise: set({}) }
    expect(messages({ main: policy(nodes, { fault: 'apologise' }) })).to.deep.equal([
      'the path (fault) → apologise (success) → @success writes no response',
      'the path (fault) → apologise (failure) → @failure writes no response',
    ])
  })

  describe('through another policy', () => {
    it('counts what every path to an end has written as written on that outcome', () => {
      const sub = policy({
        fork: set({ names: ['x'] }, { success: 'more', failure: '@failure' }),
        more: set({ names: ['y'], perhaps: ['z'] }),
      })
      const main = (name: string) =>
        policy({
          run: run('sub', { success: 'say', failure: 'sorry' }),
          say: respond({ var: name }),
          sorry: respond('sorry', '@failure'),
        })
      expect(messages({ main: main('x'), sub })).to.deep.equal([])
      expect(messages({ main: main('y'), sub })).to.deep.equal([])
      expect(messages({ main: main('z'), sub })).to.deep.equal([
        'node "say" reads "z", which is only perhaps written, by node "run"',
      ])
    })

    it('does not count on success what only the way to failure writes', () => {
      const sub = policy({
        fork: set({}, { success: '@success', failure: 'note' }),
        note: set({ names: ['x'] }, { success: '@failure', failure: '@failure' }),
      })
      const main = policy({
        run: run('sub', { success: 'say', failure: 'say' }),
        say: respond({ var: ['error.code', { var: 'x' }] }),
      })
      expect(messages({ main, sub })).to.deep.equal([
        'node "say" reads "x", which the path run (success) → say does not write',
      ])
    })

    it('counts a response that the other policy writes', () => {
      const sub = policy({ say: respond() })
      const silent = policy({ quiet: set({}) })
      const main = policy({
        run: run('sub', { success: '@success', failure: 'sorry' }),
        sorry: respond('x', '@failure'),
      })
      expect(messages({ main, sub })).to.deep.equal([])
      expect(messages({ main, sub: silent })).to.deep.equal([
        'the path run (success) → @success writes no response',
      ])
    })

    it('asks the caller for what the other policy reads, also two policies down and on its fault path', () => {
      const inner = policy(
        { read: set({ reads: ['x'] }), log: set({ reads: ['y'] }) },
        { fault: 'log' },
      )
      const outer = policy({ go: run('inner', end) })
      const main = (names: string[]) =>
        policy({
          first: set({ names }, { success: 'run', failure: 'say' }),
          run: run('outer', { success: 'say', failure: 'say' }),
          say: respond(),
        })
      expect(messages({ main: main(['x', 'y']), outer, inner })).to.deep.equal([])
      expect(messages({ main: main(['x']), outer, inner })).to.deep.equal([
        'node "run" reads "y" (in node "log" of policy "inner"), which nothing before it writes',
      ])
    })

    it('knows that an end is never reached when the other policy never comes to it', () => {
      const sub = policy({ refuse: respond('no', '@failure') })
      const main = policy({ run: run('sub', { success: '@success', failure: '@failure' }) })
      expect(messages({ main, sub })).to.deep.equal([])
    })

    it('resolves the path of an expression by the attributes that the caller knows', () => {
      const sub = policy({ say: respond({ var: 'x.y.z' }) })
      const main = policy({
        first: set({ names: ['x.y'] }, { success: 'run', failure: 'sorry' }),
        run: run('sub', { success: '@success', failure: 'sorry' }),
        sorry: respond('sorry', '@failure'),
      })
      expect(messages({ main, sub })).to.deep.equal([])
    })
  })

  it('agrees with a walk along every single path of random graphs, through other policies too', () => {
    fc.assert(
      fc.property(randomPolicy(false), randomPolicy(true), (sub, main) => {
        const { findings } = lint({ main, sub }, ['main'])
        const found = findings.map(({ code, pointer, message }) =>
          code === 'no-response' ? `${code} ${pointer}` : message.split(/,| \(in/)[0],
        )
        expect(found.sort()).to.deep.equal([...walkEveryPath(main, sub)].sort())
        for (const { message } of findings) expectPathWithoutWrite(main, message)
      }),
      { numRuns: 1000 },
    )
  })
})

type RandomPolicy = ReturnType<typeof policy> & { readonly fault?: string }
interface SetConfig {
  readonly names: readonly string[]
  readonly perhaps: readonly string[]
  readonly reads: readonly string[]
}
const NAMES = ['a', 'b', 'response']

/** Acyclic policies: their edges lead on only. */
function randomPolicy(withRuns: boolean): fc.Arbitrary<RandomPolicy> {
  const someNames = fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 })
  const node = fc.record({
    config: fc.record({ names: someNames, perhaps: someNames, reads: someNames }),
    leads: fc.tuple(fc.nat(), fc.nat()),
    runs: withRuns ? fc.boolean() : fc.constant(false),
  })
  return fc
    .tuple(fc.array(node, { minLength: 1, maxLength: 6 }), fc.option(fc.nat()))
    .map(([drawn, faultAt]) => {
      const targets = [...drawn.map((_, index) => `n${index}`), '@success', '@failure']
      const target = (from: number, lead: number) =>
        targets[from + 1 + (lead % (targets.length - from - 1))] ?? '@failure'
      const nodes = drawn.map(({ config, leads: [left, right], runs }, index) => {
        const on = { success: target(index, left), failure: target(index, right) }
        const perhaps = config.perhaps.filter((name) => !config.names.includes(name))
        return [`n${index}`, runs ? run('sub', on) : set({ ...config, perhaps }, on)] as const
      })
      const fault = faultAt === null ? {} : { fault: `n${faultAt % drawn.length}` }
      return dropUnreached({ ...policy(Object.fromEntries(nodes)), ...fault })
    })
}

function dropUnreached(graph: RandomPolicy): RandomPolicy {
  const reached = new Set<string>()
  const visit = (name: string) => {
    const node = graph.nodes[name]
    if (!node) return
    reached.add(name)
    Object.values(node.on).forEach(visit)
  }
  visit('n0')
  if (graph.fault) visit(graph.fault)
  const nodes = Object.entries(graph.nodes).filter(([name]) => reached.has(name))
  return { ...graph, nodes: Object.fromEntries(nodes) }
}

type Written = ReadonlySet<string>

/** What lint should find, by going along each path by itself. */
function walkEveryPath(main: RandomPolicy, sub: RandomPolicy): ReadonlySet<string> {
  const found = new Set<string>()
  follow(main, new Set(['request']), runNode, (written, node, outcome) => {
    if (!written.has('response')) found.add(`no-response /nodes/${node}/on/${outcome}`)
  })
  return found

  function runNode(name: string, node: PlainNode, written: Written): readonly Ended[] {
    if (node.filter !== 'demo/run') return runSet(node, written, (read) => complain(name, read))
    const ends: Ended[] = []
    follow(
      sub,
      written,
      (_, inner, before) => runSet(inner, before, (read) => complain(name, read)),
      (after, _node, _outcome, end) => ends.push([end.slice(1), after]),
    )
    return ends
  }

  function complain(node: string, read: string): void {
    found.add(`node "${node}" reads "${read}"`)
  }
}

type Ended = readonly [outcome: string, written: Written]

function runSet(node: PlainNode, written: Written, complain: (read: string) => void): Ended[] {
  const { names, reads } = node.config as SetConfig
  for (const read of reads) if (!written.has(read)) complain(read)
  return [
    ['success', new Set([...written, ...names])],
    ['failure', written],
  ]
}

function follow(
  graph: RandomPolicy,
  before: Written,
  runNode: (name: string, node: PlainNode, written: Written) => readonly Ended[],
  ended: (written: Written, node: string, outcome: string, end: string) => void,
): void {
  function walk(name: string, written: Written): void {
    const node = graph.nodes[name]
    if (!node) return
    for (const [outcome, after] of runNode(name, node, written)) {
      const to = node.on[outcome] ?? ''
      if (to.startsWith('@')) ended(after, name, outcome, to)
      else walk(to, after)
    }
  }

  walk('n0', before)
  if (graph.fault) walk(graph.fault, new Set([...before, 'fault']))
}

/** A path that a message names is one that can be taken, and on which the attribute is not touched. */
function expectPathWithoutWrite(graph: RandomPolicy, message: string): void {
  const [, path] = /the path (.*) (does not write|writes no response)$/.exec(message) ?? []
  if (path === undefined) return
  const attribute = /reads "(\w+)"/.exec(message)?.[1] ?? 'response'
  const steps = path.split(' → ')
  let at = steps[0] === '(fault)' ? graph.fault : 'n0'
  for (const step of steps.filter((each) => each !== '(fault)')) {
    const [name = '', outcome] = step.replace(')', '').split(' (')
    expect(name).to.equal(at)
    if (outcome === undefined) continue
    const node = graph.nodes[name]
    const { names = [], perhaps = [] } = (node?.config ?? {}) as Partial<SetConfig>
    if (outcome === 'success') expect([...names, ...perhaps]).not.to.include(attribute)
    at = node?.on[outcome]
  }
  expect(steps.at(-1)).to.equal(at)
}
