import type { Filter } from './filter.ts'
import type { Problem } from './problem.ts'
import { checkAgainst } from './schema.ts'
import { didYouMean, listNames } from './suggestion.ts'

/** Filters by name. */
export type FilterLibrary = ReadonlyMap<string, Filter>

/** What is wrong with a filter itself, whoever uses it. */
export interface FilterFinding {
  /** `bad-filter`, `bad-example` or `duplicate-filter`. */
  readonly code: FilterCode
  /** The filter's name. */
  readonly filter: string
  readonly message: string
  readonly remedy: string
}

export type FilterCode = 'bad-filter' | 'bad-example' | 'duplicate-filter'

/**
 * Puts filters together under their names, and says which cannot be used and why.
 *
 * @param proven filters that tests have judged already: to judge them again would slow the start down
 */
export function filterLibrary(
  filters: readonly Filter[],
  proven: ReadonlySet<Filter> = new Set(),
): {
  readonly library: FilterLibrary
  readonly findings: readonly FilterFinding[]
} {
  const library = new Map<string, Filter>()
  const findings: FilterFinding[] = []
  for (const filter of filters) {
    if (library.has(filter.name)) {
      findings.push({
        code: 'duplicate-filter',
        filter: filter.name,
        message: `two filters are named "${filter.name}"`,
        remedy: 'rename one: none replaces another',
      })
      continue
    }
    library.set(filter.name, filter)
    if (!proven.has(filter)) findings.push(...flawsOf(filter))
  }
  return { library, findings }
}

function flawsOf(filter: Filter): readonly FilterFinding[] {
  const flaws = [badName, badSummary, badOutcomes, badSettings, badStep].flatMap((check) =>
    check(filter),
  )
  return flaws.length > 0 ? flaws : badDeclarations(filter)
}

function badName({ name }: Filter): readonly FilterFinding[] {
  if (/^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)+$/.test(name)) return []
  return [flaw(name, `"${name}" is no name for a filter`, 'name it room/verb-noun, in lower case')]
}

function badSummary({ name, summary }: Filter): readonly FilterFinding[] {
  if (/^\S.*[^.\s]\.$/.test(summary) && !/[.!?]\s+[A-Z]/.test(summary)) return []
  return [flaw(name, 'its summary is not one sentence', 'write one, with a full stop at its end')]
}

function badOutcomes({ name, outcomes }: Filter): readonly FilterFinding[] {
  if (outcomes === 'open') return []
  // A module in plain JavaScript has seen no compiler.
  if (!Array.isArray(outcomes)) return [flaw(name, 'it declares no outcomes', 'list them')]
  const flaws: FilterFinding[] = []
  if (outcomes.length === 0 || new Set(outcomes).size < outcomes.length) {
    flaws.push(flaw(name, 'it needs outcomes, each once', 'declare them in "outcomes"'))
  }
  if (outcomes.includes('fault')) {
    flaws.push(flaw(name, 'no outcome may be named "fault"', 'throw what is a surprise instead'))
  }
  for (const outcome of outcomes.filter((each) => !/^[a-z][a-z0-9-]*$/.test(each))) {
    flaws.push(flaw(name, `"${outcome}" is no name for an outcome`, 'use lower case and hyphens'))
  }
  return flaws
}

/** The schema compiles, lets no misspelt setting through, and passes the filter's own example. */
function badSettings({ name, config, example }: Filter): readonly FilterFinding[] {
  if (config?.type !== 'object' || config.additionalProperties !== false) {
    const message = 'its schema lets unknown settings through'
    return [flaw(name, message, 'give it type "object" and additionalProperties: false')]
  }
  try {
    return checkAgainst(config, example).problems.map((problem) => badExample(name, problem))
  } catch (cause) {
    return [flaw(name, `its schema does not compile: ${textOf(cause)}`, 'correct the schema')]
  }
}

function badExample(filter: string, { message, remedy }: Problem): FilterFinding {
  return { code: 'bad-example', filter, message: `its example is refused: ${message}`, remedy }
}

function badStep({ name, create }: Filter): readonly FilterFinding[] {
  return typeof create === 'function' ? [] : [flaw(name, 'it has no "create"', 'add it')]
}

/** What it reads and writes can be told, at least for its example. */
function badDeclarations(filter: Filter): readonly FilterFinding[] {
  const { name, outcomes } = filter
  try {
    const settings = checkAgainst(filter.config, filter.example).value
    filter.reads(settings)
    filter.confidential(settings)
    const written = Object.keys(filter.writes(settings))
    if (outcomes === 'open') return []
    return written
      .filter((outcome) => !outcomes.includes(outcome))
      .map((outcome) => {
        const message = `it declares writes for "${outcome}", which is no outcome of it`
        return flaw(name, message, didYouMean(outcome, outcomes, `it has ${listNames(outcomes)}`))
      })
  } catch (cause) {
    const message = `what it reads and writes cannot be told: ${textOf(cause)}`
    return [flaw(name, message, 'let reads, writes and confidential accept its example')]
  }
}

function flaw(filter: string, message: string, remedy: string): FilterFinding {
  return { code: 'bad-filter', filter, message, remedy }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
