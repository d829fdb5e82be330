import { expect } from 'chai'
import fc from 'fast-check'
import jsonLogic from 'json-logic-js'
import {
  compileExpression,
  expressionReads,
  lintExpression,
} from '../../../engine/policy/expression.ts'
import { Secret } from '../../../engine/policy/secret.ts'

function evaluate(rule: unknown, attributes: Record<string, unknown> = {}): unknown {
  return compileExpression(rule)(new Map(Object.entries(attributes)))
}

function nest(depth: number): unknown {
  return depth === 0 ? true : { '!': [nest(depth - 1)] }
}

describe('An expression', () => {
  it('reads the longest attribute name that matches, then properties', () => {
    const attributes = {
      oauth: { client: { details: 'from oauth' } },
      'oauth.client': { details: { name: 'Ann' } },
    }
    expect(evaluate({ var: 'oauth.client.details.name' }, attributes)).to.equal('Ann')
    expect(evaluate({ var: 'oauth.other' }, attributes)).to.equal(null)
  })

  it('reads items of a list by index, and its length', () => {
    const attributes = { scopes: ['read', 'write'] }
    expect(evaluate({ var: 'scopes.1' }, attributes)).to.equal('write')
    expect(evaluate({ var: 'scopes.length' }, attributes)).to.equal(2)
  })

  for (const path of ['__proto__', 'constructor', 'toString', 'constructor.name', 'list.map']) {
    it(`finds nothing under the inherited name ${path}`, () => {
      const attributes = { x: { list: [] } }
      expect(evaluate({ var: `x.${path}` }, attributes)).to.equal(null)
      expect(evaluate({ missing: [`x.${path}`] }, attributes)).to.deep.equal([`x.${path}`])
      expect(evaluate({ map: [[[]], { var: path }] })).to.deep.equal([null])
    })
  }

  it('gives the default where nothing is found, but null where null is', () => {
    expect(evaluate({ var: ['x', 'none'] })).to.equal('none')
    expect(evaluate({ var: ['x.y', { var: 'z' }] }, { x: {}, z: 3 })).to.equal(3)
    expect(evaluate({ var: ['x', 'none'] }, { x: null })).to.equal(null)
  })

  it('reads once, whatever it finds', () => {
    for (const value of ['found', null, undefined]) {
      const reads: string[] = []
      const get = (name: string) => {
        reads.push(name)
        return value
      }
      compileExpression({ var: ['x', 'none'] })({ has: () => true, get })
      expect(reads, String(value)).to.deep.equal(['x'])
    }
  })

  it('says which names are missing, and whether enough are there', () => {
    const attributes = { a: 1, b: '', c: { d: 1 } }
    expect(evaluate({ missing: ['a', 'b', 'c.d', 'e'] }, attributes)).to.deep.equal(['b', 'e'])
    expect(evaluate({ missing_some: [2, ['a', 'b', 'c.d']] }, attributes)).to.deep.equal([])
    expect(evaluate({ missing_some: [3, ['a', 'b', 'c.d']] }, attributes)).to.deep.equal(['b'])
  })

  it('does not take data that look like a rule for a rule', () => {
    const attributes = { names: [{ var: 'hidden' }], hidden: 'text' }
    expect(evaluate({ var: 'names' }, attributes)).to.deep.equal([{ var: 'hidden' }])
    expect(evaluate({ '==': [{ var: 'names.0' }, 'text'] }, attributes)).to.equal(false)
  })

  it('sees [secret] in place of a secret, however deep it lies', () => {
    const attributes = {
      token: new Secret('s3cret'),
      request: { form: { token: new Secret('s3cret'), list: [[new Secret('s3cret')]] } },
    }
    const all = evaluate({ var: 'request' }, attributes)
    expect(JSON.stringify(all)).to.equal('{"form":{"token":"[secret]","list":[["[secret]"]]}}')
    expect(evaluate({ cat: ['<', { var: 'token' }, '>'] }, attributes)).to.equal('<[secret]>')
    expect(evaluate({ '==': [{ var: 'request.form.token' }, 's3cret'] }, attributes)).to.equal(
      false,
    )
    expect(evaluate({ in: ['s3', { var: 'token' }] }, attributes)).to.equal(false)
    expect(evaluate({ in: ['s3cret', { var: 'request.form.list.0' }] }, attributes)).to.equal(false)
    expect(
      evaluate({ map: [{ var: 'request.form.list' }, { var: '0' }] }, attributes),
    ).to.deep.equal(['[secret]'])
    expect(attributes.token.reveal()).to.equal('s3cret')
  })

  it('keeps a parameter named __proto__ a parameter', () => {
    const form = JSON.parse('{"__proto__":"mine","token":0}')
    form.token = new Secret('x')
    expect(evaluate({ var: 'form.__proto__' }, { form })).to.equal('mine')
    expect(evaluate({ var: 'form' }, { form })).to.have.property('__proto__', 'mine')
  })

  it('does not throw over objects that a client made to throw', () => {
    const hostile = [
      JSON.parse('{"toString":1,"valueOf":1,"indexOf":1}'),
      Object.create(null),
      [[Object.create(null)]],
    ]
    for (const x of hostile) {
      for (const operator of ['==', '!=', '>', '<', '+', '-', '*', 'cat', 'substr', 'in', 'max']) {
        const rules = [
          { [operator]: [{ var: 'x' }, 'text'] },
          { [operator]: ['text', { var: 'x' }] },
        ]
        for (const rule of rules) expect(() => evaluate(rule, { x })).not.to.throw()
      }
    }
  })

  it('holds an object equal to itself only', () => {
    const attributes = { a: {}, b: {} }
    expect(evaluate({ '==': [{ var: 'a' }, { var: 'a' }] }, attributes)).to.equal(true)
    expect(evaluate({ '==': [{ var: 'a' }, { var: 'b' }] }, attributes)).to.equal(false)
    expect(evaluate({ '!=': [{ var: 'a' }, { var: 'b' }] }, attributes)).to.equal(true)
  })

  it('is a constant when it is plain text, a number or a list of them', () => {
    for (const rule of ['text', 1, true, null, ['a', ['b', 2]]]) {
      expect(evaluate(rule)).to.deep.equal(rule)
    }
  })

  it('leaves the operators that another package shares with us as they were', () => {
    expect(jsonLogic.apply({ var: 'a.b' }, { a: { b: 1 } })).to.equal(1)
    expect(() => compileExpression({ 'sallyport:call': [1] })).to.throw('unknown operator')
  })

  it('is refused at load, not at the first request, when lint finds a problem', () => {
    expect(() => compileExpression({ if: [false, { bogus: 1 }, 2] })).to.throw(
      'unknown operator "bogus"',
    )
  })

  it('agrees with JSON Logic on every rule over plain data', () => {
    const data = fc.record({
      a: fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null)),
      b: fc.array(fc.oneof(fc.integer(), fc.string()), { maxLength: 4 }),
      c: fc.record({ d: fc.string(), e: fc.array(fc.integer(), { maxLength: 3 }) }),
    })
    fc.assert(
      fc.property(
        ruleOver(['a', 'b', 'c.d', 'c.e', 'c.e.0', 'b.length', 'x', 'a.y']),
        data,
        (rule, given) => {
          expect(lintExpression(rule)).to.deep.equal([])
          expect(evaluate(rule, given)).to.deep.equal(jsonLogic.apply(rule as never, given))
        },
      ),
      { numRuns: 1000 },
    )
  })
})

/** Rules that lint passes, whose result does not depend on what we do better than JSON Logic. */
function ruleOver(names: readonly string[]): fc.Arbitrary<unknown> {
  const literal = fc.oneof(
    fc.integer({ min: -9, max: 9 }),
    fc.string({ maxLength: 3 }),
    fc.boolean(),
  )
  const reading = fc.constantFrom(...names)
  const element = fc.oneof(
    literal,
    fc.constantFrom({ var: '' }, { '+': [{ var: '' }, 1] }, { cat: [{ var: '' }, '!'] }),
  )
  return fc.letrec<{ rule: unknown }>((tie) => {
    const rule = tie('rule')
    const operation = (operators: string[], min: number, max = min) =>
      fc
        .tuple(fc.constantFrom(...operators), fc.array(rule, { minLength: min, maxLength: max }))
        .map(([operator, given]) => ({ [operator]: given }))
    return {
      rule: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        literal,
        reading.map((name) => ({ var: name })),
        fc.tuple(reading, literal).map((given) => ({ var: given })),
        fc.array(reading, { minLength: 1, maxLength: 3 }).map((given) => ({ missing: given })),
        fc
          .array(reading, { minLength: 1, maxLength: 3 })
          .map((given) => ({ missing_some: [1, given] })),
        fc.array(literal, { maxLength: 3 }),
        operation(['==', '===', '!=', '!==', '>', '>=', '<', '<=', 'in', '%', '/'], 2),
        operation(['!', '!!'], 1),
        operation(['-'], 1, 2),
        operation(['substr'], 2, 3),
        operation(['+', 'min', 'max', 'cat', 'and', 'or'], 1, 3),
        operation(['*'], 2, 3),
        operation(['if', '?:'], 2, 5),
        fc
          .tuple(fc.constantFrom('map', 'filter', 'all', 'some', 'none'), rule, element)
          .map(([operator, list, body]) => ({ [operator]: [list, body] })),
        rule.map((list) => ({
          reduce: [list, { '+': [{ var: 'current' }, { var: 'accumulator' }] }, 0],
        })),
      ),
    }
  }).rule
}

describe('Lint of an expression', () => {
  const refused: readonly [title: string, rule: unknown, pointer: string, message: string][] = [
    [
      'two operators',
      { '==': [1, 1], '!=': [1, 2] },
      '',
      'an object in an expression has exactly one operator, this one has "==" and "!="',
    ],
    ['an empty object', { if: [true, {}] }, '/if/1', 'exactly one operator, this one has none'],
    ['an unknown operator in a branch', { if: [false, { eq: [1] }, 1] }, '/if/1/eq', '"eq"'],
    ['log', { log: 'x' }, '/log', 'unknown operator "log"'],
    ['method', { method: ['a', 'b'] }, '/method', 'unknown operator "method"'],
    ['__proto__ as operator', JSON.parse('{"__proto__":[1]}'), '/__proto__', '"__proto__"'],
    ['a computed var', { var: { cat: ['a', 'b'] } }, '/var', 'computed'],
    ['a computed var in a list', { var: [{ var: 'a' }] }, '/var/0', 'computed'],
    ['the whole message', { var: '' }, '/var', 'the whole message'],
    ['a var without a name', { var: [] }, '/var', 'takes 1 to 2 arguments, not 0'],
    ['a computed missing', { missing: { merge: ['a'] } }, '/missing', 'computed'],
    ['a comparison with one side', { '==': [1] }, '/==', 'takes 2 arguments, not 1'],
    ['a pointer that needs escaping', { '/': [1, { '~/x': 1 }] }, '/~1/1/~0~1x', '"~/x"'],
    ['depth', nest(33), `/!/0${'/!/0'.repeat(32)}`, 'more than 32 deep'],
    ['size', { cat: Array.from({ length: 1000 }, () => 1) }, '', 'more than 1000 parts'],
  ]
  for (const [title, rule, pointer, message] of refused) {
    it(`refuses ${title}`, () => {
      const [problem] = lintExpression(rule)
      expect(problem?.pointer).to.equal(pointer)
      expect(problem?.message).to.include(message)
      expect(problem?.remedy).to.be.a('string').that.is.not.empty
    })
  }

  it('suggests the operator that was meant', () => {
    expect(lintExpression({ mising: ['a'] })[0]?.remedy).to.equal('did you mean "missing"?')
  })

  it('lets the element in hand be read whole', () => {
    expect(lintExpression({ some: [{ var: 'list' }, { '==': [{ var: '' }, 1] }] })).to.deep.equal(
      [],
    )
  })

  it('passes a rule that is as deep and as large as allowed', () => {
    expect(lintExpression(nest(32))).to.deep.equal([])
    expect(lintExpression({ cat: Array.from({ length: 999 }, () => 1) })).to.deep.equal([])
  })

  it('names all that is wrong at once', () => {
    const pointers = lintExpression({ and: [{ x: 1 }, { var: {} }] }).map(({ pointer }) => pointer)
    expect(pointers).to.deep.equal(['/and/0/x', '/and/1/var', '/and/1/var'])
  })
})

describe('The reads of an expression', () => {
  it('are its vars, optional where they have a default, and the names asked after', () => {
    const rule = {
      if: [{ missing: ['a'] }, { var: ['b', { var: 'c' }] }, { missing_some: [1, ['d', 'e']] }],
    }
    expect(expressionReads(rule)).to.deep.equal([
      { name: 'a', optional: true, pointer: '/if/0/missing' },
      { name: 'b', optional: true, pointer: '/if/1/var/0' },
      { name: 'c', optional: false, pointer: '/if/1/var/1/var' },
      { name: 'd', optional: true, pointer: '/if/2/missing_some' },
      { name: 'e', optional: true, pointer: '/if/2/missing_some' },
    ])
  })

  it('do not count what is read from an element in hand', () => {
    const rule = { reduce: [{ var: 'list' }, { var: 'current' }, { var: 'start' }] }
    expect(expressionReads(rule).map(({ name }) => name)).to.deep.equal(['list', 'start'])
  })
})
