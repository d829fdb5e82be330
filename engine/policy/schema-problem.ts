import type { ErrorObject } from 'ajv'
import { pointTo } from './pointer.ts'
import type { Problem } from './problem.ts'
import { didYouMean, listNames, nearest } from './suggestion.ts'

/** Says in plain words what ajv found, without the errors that only follow from others. */
export function describeErrors(errors: readonly ErrorObject[], noun: string): readonly Problem[] {
  const misspelt = new Set(errors.flatMap(meantKey))
  return errors
    .filter((error) => !FOLLOWING.has(error.keyword) && !misspelt.has(missingKey(error)))
    .map((error) => describe(error, noun))
}

/** Keywords that fail only because another one did. */
const FOLLOWING: ReadonlySet<string> = new Set(['propertyNames', 'if', 'allOf', 'anyOf', 'oneOf'])

function describe(error: ErrorObject, noun: string): Problem {
  const { instancePath: pointer, params } = error
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(error, noun)
    case 'required':
      return missing(error, noun)
    case 'pattern':
      return error.propertyName === undefined ? misfit(error) : badKey(error)
    case 'type':
      return {
        pointer,
        message: `${subject(pointer)} must be ${typeName(params.type)}, not ${typeOf(error.data)}`,
        remedy: `write ${typeName(params.type)}`,
      }
    case 'enum': {
      const allowed: readonly unknown[] = params.allowedValues
      const remedy = didYouMean(String(error.data), allowed.map(String), 'choose one of them')
      const message = `${subject(pointer)} must be one of ${allowed.map(quote).join(', ')}, not ${quote(error.data)}`
      return { pointer, message, remedy }
    }
    case 'minProperties':
      return tooFew(error, noun)
    default:
      return misfit(error)
  }
}

function tooFew(error: ErrorObject, noun: string): Problem {
  const known = Object.keys(error.parentSchema?.properties ?? {})
  const { instancePath: pointer, params } = error
  if (known.length === 0 || params.limit !== 1) return misfit(error)
  const message = `${subject(pointer)} has no ${noun}`
  return { pointer, message, remedy: `give at least one of ${listNames(known)}` }
}

function unknownKey({ instancePath, params, parentSchema }: ErrorObject, noun: string): Problem {
  const name: string = params.additionalProperty
  const known = Object.keys(parentSchema?.properties ?? {})
  const otherwise =
    known.length === 0 ? 'remove it: there are none' : `known are ${listNames(known)}`
  return {
    pointer: pointTo(instancePath, name),
    atKey: true,
    message: `unknown ${noun} "${name}"`,
    remedy: didYouMean(name, known, otherwise),
  }
}

function missing({ instancePath, params, parentSchema }: ErrorObject, noun: string): Problem {
  const name: string = params.missingProperty
  const description: string | undefined = parentSchema?.properties?.[name]?.description
  return {
    pointer: instancePath,
    atKey: true,
    message: `the ${noun} "${name}" is missing`,
    remedy: description ? `add it: ${lowerFirst(description)}` : 'add it',
  }
}

function badKey({ instancePath, propertyName = '', params }: ErrorObject): Problem {
  return {
    pointer: pointTo(instancePath, propertyName),
    atKey: true,
    message: `"${propertyName}" is no name for this`,
    remedy: `rename it so that it matches ${params.pattern}`,
  }
}

/** What ajv itself says, such as `must be >= 1`. A text is not repeated: it may be somebody's secret. */
function misfit({ instancePath: pointer, message = '', data, parentSchema }: ErrorObject): Problem {
  const given = typeof data === 'number' ? `, not ${data}` : ''
  const description: string | undefined = parentSchema?.description
  return {
    pointer,
    message: `${subject(pointer)} ${message.replace('NOT', 'not')}${given}`,
    remedy: description ? `it is: ${lowerFirst(description)}` : 'change it',
  }
}

/** The missing key that an unknown one was probably meant to be. */
function meantKey({ keyword, instancePath, params, parentSchema }: ErrorObject): readonly string[] {
  if (keyword !== 'additionalProperties') return []
  const meant = nearest(params.additionalProperty, Object.keys(parentSchema?.properties ?? {}))
  return meant === undefined ? [] : [pointTo(instancePath, meant)]
}

function missingKey({ keyword, instancePath, params }: ErrorObject): string {
  return keyword === 'required' ? pointTo(instancePath, params.missingProperty) : ''
}

function subject(pointer: string): string {
  return pointer === '' ? 'it' : `"${pointer.slice(1).replaceAll('/', '.')}"`
}

function typeName(type: unknown): string {
  return TYPES[String(type)] ?? String(type)
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return typeName(Array.isArray(value) ? 'array' : typeof value)
}

function quote(value: unknown): string {
  return JSON.stringify(value)
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '')
}
