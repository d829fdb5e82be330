import { expect } from 'chai'
import fc from 'fast-check'
import type { Finding } from '../../../engine/policy/finding.ts'
import { readJson } from '../../../engine/policy/read.ts'

const lines = (...rows: string[]) => rows.join('\n')
const brief = ({ line, column, code, pointer }: Finding) => ({ line, column, code, pointer })

describe('The reader', () => {
  const text = lines(
    '{',
    '  "nodes": {',
    '    "a/b": { "on": { "success": "done" } },',
    '    "~": [1, { "x": null }]',
    '  }',
    '}',
  )

  it('gives the value, and the place of every value and key', () => {
    const read = readJson('p.json', text)
    expect(read.findings).to.deep.equal([])
    expect(read.value).to.deep.equal(JSON.parse(text))
    expect(read.place('')).to.deep.equal({ line: 1, column: 1 })
    expect(read.place('/nodes')).to.deep.equal({ line: 2, column: 12 })
    expect(read.keyPlace('/nodes')).to.deep.equal({ line: 2, column: 3 })
    expect(read.place('/nodes/a~1b/on/success')).to.deep.equal({ line: 3, column: 33 })
    expect(read.keyPlace('/nodes/a~1b/on/success')).to.deep.equal({ line: 3, column: 22 })
    expect(read.place('/nodes/~0/1/x')).to.deep.equal({ line: 4, column: 21 })
    expect(read.place('/nodes/~0/0')).to.deep.equal({ line: 4, column: 11 })
  })

  it('falls back to the nearest value that is there', () => {
    const read = readJson('p.json', text)
    expect(read.place('/nodes/a~1b/config/store')).to.deep.equal(read.place('/nodes/a~1b'))
    expect(read.keyPlace('/nodes/a~1b/config')).to.deep.equal(read.keyPlace('/nodes/a~1b'))
    expect(read.place('/nodes/~0/7')).to.deep.equal(read.place('/nodes/~0'))
  })

  it('counts lines that end as on Windows, and does not mind a byte order mark', () => {
    const read = readJson('p.json', '\uFEFF{\r\n  "a": 1\r\n}')
    expect(read.value).to.deep.equal({ a: 1 })
    expect(read.place('/a')).to.deep.equal({ line: 2, column: 8 })
  })

  it('finds keys that stand twice, at every depth', () => {
    const { findings } = readJson(
      'p.json',
      lines('{', '  "a": 1, "b": [{ "c": { "d": 1, "d": 2 } }],', '  "a": 3, "\\u0061": 4', '}'),
    )
    expect(findings.map(brief)).to.deep.equal([
      { line: 2, column: 34, code: 'duplicate-key', pointer: '/b/0/c/d' },
      { line: 3, column: 3, code: 'duplicate-key', pointer: '/a' },
      { line: 3, column: 11, code: 'duplicate-key', pointer: '/a' },
    ])
    expect(findings[0]).to.include({
      file: 'p.json',
      message: 'the key "d" stands twice in the same object',
      remedy: 'rename or remove one',
    })
  })

  it('refuses the key __proto__, however it is written', () => {
    const { value, findings } = readJson('p.json', '{ "a": { "\\u005f_proto__": {} } }')
    expect(value).to.equal(undefined)
    expect(findings.map(brief)).to.deep.equal([
      { line: 1, column: 10, code: 'malformed-json', pointer: '/a/__proto__' },
    ])
  })

  const malformed: readonly [text: string, column: number, message: string, remedy: string][] = [
    ['', 1, 'the file ends too early', 'write a value'],
    ['{"a":1,}', 8, 'unexpected "}"', 'no comma after the last entry'],
    ['[1,]', 4, 'unexpected "]"', 'no comma after the last item'],
    ["{'a':1}", 2, 'unexpected "\'a\'"', 'double quotes'],
    ['{"a" 1}', 6, 'unexpected "1"', 'colon'],
    ['{"a":1 "b":2}', 8, 'unexpected "\\"b\\""', 'comma between'],
    ['[01]', 3, 'unexpected "1"', 'comma between'],
    ['[1.]', 2, 'unexpected "1."', 'number'],
    ['{} {}', 4, 'unexpected "{"', 'end the file'],
    ['{} // x', 4, 'unexpected "// x"', 'remove the comment'],
    ['{"a":1', 7, 'the file ends too early', 'close the object'],
    ['["a]', 2, 'unexpected "\\"a]"', 'close the text'],
    ['["\\x"]', 2, 'unexpected', 'escape with one of'],
    ['["\u0001"]', 2, 'unexpected', 'control character'],
    ['[NaN]', 2, 'unexpected "NaN"', 'double quotes'],
    ['\u00a0{}', 1, 'unexpected', 'double quotes'],
  ]
  for (const [given, column, message, remedy] of malformed) {
    it(`refuses ${JSON.stringify(given)} with its place and remedy, once`, () => {
      const { value, findings } = readJson('p.json', given)
      expect(value).to.equal(undefined)
      expect(findings.map(brief)).to.deep.equal([
        { line: 1, column, code: 'malformed-json', pointer: '' },
      ])
      expect(findings[0]?.message).to.include(message)
      expect(findings[0]?.remedy).to.include(remedy)
    })
  }

  it('refuses what is nested deeper than any policy needs, before it costs a stack', () => {
    for (const depth of [101, 200_000]) {
      const { findings } = readJson('p.json', '['.repeat(depth))
      expect(findings.map(brief)).to.deep.equal([
        { line: 1, column: 101, code: 'malformed-json', pointer: '' },
      ])
    }
    expect(readJson('p.json', `${'['.repeat(100)}${']'.repeat(100)}`).findings).to.deep.equal([])
  })

  it('refuses a file that is too large', () => {
    const { findings } = readJson('p.json', `"${'x'.repeat(1_000_000)}"`)
    expect(findings[0]?.message).to.include('longer than 1000000')
  })

  it('reads back whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 2), (value, indent) => {
        const written = JSON.stringify(value, undefined, indent)
        fc.pre(!written.includes('__proto__'))
        const read = readJson('p.json', written)
        expect(read.findings).to.deep.equal([])
        expect(read.value).to.deep.equal(JSON.parse(written))
      }),
    )
  })

  it('takes for JSON only what JSON.parse takes for JSON', () => {
    const token = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"a"',
        '"b',
        '1',
        '-',
        '.5',
        'e3',
        'true',
        ' ',
        '\n',
        '//',
        '\\',
        '\ufeff',
        '\f',
      ],
    )
    fc.assert(
      fc.property(fc.array(token, { maxLength: 8 }), (tokens) => {
        const written = `[${tokens.join('')}]`
        const { value } = readJson('p.json', written)
        let expected: unknown
        try {
          expected = JSON.parse(written)
        } catch {}
        expect(value).to.deep.equal(expected)
      }),
      { numRuns: 2000 },
    )
  })
})
