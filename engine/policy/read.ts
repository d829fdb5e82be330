import {
  createScanner,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import type { Finding, Place } from './finding.ts'
import { pointTo, segmentsOf } from './pointer.ts'

/** A JSON file as read, which still knows where everything stood. */
export interface JsonText {
  readonly file: string
  /** Plain objects and lists; `undefined` when the text is no JSON. */
  readonly value: unknown
  /** Where the value at a JSON Pointer begins; where there is none, the nearest that it lies in. */
  place(pointer: string): Place
  /** Where the key begins under which the value at a JSON Pointer stands. */
  keyPlace(pointer: string): Place
  readonly findings: readonly Finding[]
}

/** UTF-16 code units. */
const SIZE = 1_000_000
/** How far objects and lists may be nested. */
const DEPTH = 100

/** What is wrong with a text, and the offset at which it is. */
interface Flaw {
  readonly offset: number
  readonly code: 'malformed-json' | 'duplicate-key'
  readonly message: string
  readonly remedy: string
  readonly pointer?: string
}

/** Reads strict JSON (RFC 8259), and refuses a key that stands twice, of which JSON.parse would drop one. */
export function readJson(file: string, given: string): JsonText {
  const text = given.startsWith('\uFEFF') ? given.slice(1) : given
  const flaw = sizeFlaw(text) ?? depthFlaw(text)
  if (flaw) return jsonText(file, text, undefined, undefined, [flaw])

  const errors: ParseError[] = []
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
  const [error] = errors
  if (!root || error) return jsonText(file, text, undefined, undefined, [syntaxFlaw(text, error)])

  const flaws = keyFlaws(root)
  if (flaws.some(({ code }) => code === 'malformed-json')) {
    return jsonText(file, text, undefined, root, flaws)
  }
  try {
    return jsonText(file, text, JSON.parse(text), root, flaws)
  } catch (cause) {
    // Two parsers must agree before anything counts as JSON.
    return jsonText(file, text, undefined, root, [malformed(0, String(cause))])
  }
}

function jsonText(
  file: string,
  text: string,
  value: unknown,
  root: Node | undefined,
  flaws: readonly Flaw[],
): JsonText {
  const lines = lineStarts(text)
  const findings = flaws.map(({ offset, code, message, remedy, pointer = '' }) => ({
    ...placeOf(lines, offset),
    file,
    code,
    message,
    remedy,
    pointer,
  }))
  return {
    file,
    value,
    findings,
    place: (pointer) => placeOf(lines, root ? valueOffset(root, pointer) : 0),
    keyPlace: (pointer) => placeOf(lines, root ? keyOffset(root, pointer) : 0),
  }
}

function sizeFlaw(text: string): Flaw | undefined {
  if (text.length <= SIZE) return undefined
  return malformed(0, `the file is longer than ${SIZE} characters`, 'split it')
}

/** Looked for before parsing, because the parser recurses. */
function depthFlaw(text: string): Flaw | undefined {
  const scanner = createScanner(text, true)
  let depth = 0
  while (scanner.getPosition() < text.length) {
    scanner.scan()
    const offset = scanner.getTokenOffset()
    depth += NESTING[text.charAt(offset)] ?? 0
    if (depth > DEPTH) {
      const message = `objects and lists are nested more than ${DEPTH} deep`
      return malformed(offset, message, 'nest less')
    }
  }
  return undefined
}

const NESTING: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 }

function malformed(offset: number, message: string, remedy = 'write strict JSON'): Flaw {
  return { offset, code: 'malformed-json', message, remedy }
}

const REMEDIES: Readonly<Record<string, string>> = {
  InvalidSymbol: 'put texts in double quotes; besides them only true, false and null are words',
  InvalidNumberFormat: 'write the number as JSON does: no leading zero, no dot at its end',
  PropertyNameExpected: 'write a key in double quotes, and no comma after the last entry',
  ValueExpected: 'write a value, and no comma after the last item',
  ColonExpected: 'put a colon between key and value',
  CommaExpected: 'put a comma between entries',
  CloseBraceExpected: 'close the object with }',
  CloseBracketExpected: 'close the list with ]',
  EndOfFileExpected: 'end the file after the first value',
  InvalidCommentToken: 'remove the comment: JSON has none; a node has "note" instead',
  UnexpectedEndOfComment: 'remove the comment: JSON has none; a node has "note" instead',
  UnexpectedEndOfString: 'close the text with a double quote on the same line',
  UnexpectedEndOfNumber: 'write the number to its end',
  InvalidUnicode: 'write \\u with four hexadecimal digits',
  InvalidEscapeCharacter: 'escape with one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u',
  InvalidCharacter: 'escape the control character',
}

/** Only the first error of the syntax is told: the others mostly follow from it. */
function syntaxFlaw(text: string, error: ParseError | undefined): Flaw {
  if (!error) return malformed(0, 'the file is empty', 'write a JSON object')
  const name = printParseErrorCode(error.error)
  const found = text.slice(error.offset, error.offset + Math.max(1, Math.min(error.length, 20)))
  const message = found === '' ? 'the file ends too early' : `unexpected ${JSON.stringify(found)}`
  return malformed(error.offset, message, REMEDIES[name] ?? 'write strict JSON')
}

function keyFlaws(root: Node): readonly Flaw[] {
  const flaws: Flaw[] = []
  walk(root, '')
  return flaws

  function walk(node: Node, pointer: string): void {
    const children = node.children ?? []
    if (node.type === 'array') {
      children.forEach((item, index) => {
        walk(item, pointTo(pointer, index))
      })
    }
    if (node.type !== 'object') return
    const seen = new Set<string>()
    for (const property of children) {
      const key = keyOf(property)
      const value = property.children?.[1]
      const at = pointTo(pointer, key)
      if (seen.has(key)) flaws.push(duplicate(property, key, at))
      if (key === '__proto__') flaws.push(prototypeKey(property, at))
      seen.add(key)
      if (value) walk(value, at)
    }
  }
}

function duplicate({ offset }: Node, key: string, pointer: string): Flaw {
  const message = `the key "${key}" stands twice in the same object`
  return { offset, code: 'duplicate-key', message, remedy: 'rename or remove one', pointer }
}

function prototypeKey({ offset }: Node, pointer: string): Flaw {
  return { ...malformed(offset, 'the key "__proto__" is not allowed', 'rename it'), pointer }
}

function keyOf(property: Node): string {
  return String(property.children?.[0]?.value)
}

function valueOffset(root: Node, pointer: string): number {
  return descend(root, pointer).offset
}

function keyOffset(root: Node, pointer: string): number {
  const node = descend(root, pointer)
  return node.parent?.type === 'property' ? node.parent.offset : node.offset
}

/** The node at a pointer, or the last one on the way to it. */
function descend(root: Node, pointer: string): Node {
  let node = root
  for (const segment of segmentsOf(pointer)) {
    const child =
      node.type === 'array'
        ? node.children?.[Number(segment)]
        : node.children?.findLast((property) => keyOf(property) === segment)?.children?.[1]
    if (!child) return node
    node = child
  }
  return node
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function placeOf(lines: readonly number[], offset: number): Place {
  let low = 0
  let high = lines.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((lines[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (lines[low] ?? 0) + 1 }
}
