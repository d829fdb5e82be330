import type { Filter } from '../policy/filter.ts'
import type { Finding } from '../policy/finding.ts'
import { type FilterLibrary, filterLibrary } from '../policy/library.ts'
import { pointTo } from '../policy/pointer.ts'
import type { GatewayConfig } from './config.ts'
import { resolveModule } from './resolve-module.ts'

export interface LoadedFilters {
  readonly library: FilterLibrary
  readonly findings: readonly Finding[]
}

/** Puts the filters that were given and those of the modules that `gateway.json` names into one library. */
export async function loadFilters(
  config: GatewayConfig,
  given: readonly Filter[],
  proven?: ReadonlySet<Filter>,
): Promise<LoadedFilters> {
  const modules = await Promise.all(
    config.filters.map((name, index) => loadModule(config, name, pointTo('/filters', index))),
  )
  const filters = [...given, ...modules.flatMap((module) => module.filters)]
  const { library, findings } = filterLibrary(filters, proven)
  return {
    library,
    findings: [
      ...modules.flatMap((module) => module.findings),
      ...findings.map(({ code, filter, message, remedy }) => {
        const source = modules.findLast((module) =>
          module.filters.some(({ name }) => name === filter),
        )
        const where = source ? `the module ${source.name}` : 'a filter that the program brings'
        const pointer = source?.pointer ?? ''
        return config.finding(code, {
          pointer,
          message: `${where}: filter ${filter}: ${message}`,
          remedy,
        })
      }),
    ],
  }
}

interface Module {
  readonly name: string
  readonly pointer: string
  readonly filters: readonly Filter[]
  readonly findings: readonly Finding[]
}

async function loadModule(config: GatewayConfig, name: string, pointer: string): Promise<Module> {
  const failed = (message: string, remedy: string): Module => ({
    ...{ name, pointer, filters: [] },
    findings: [config.finding('module-failed', { pointer, message, remedy })],
  })
  let exported: unknown
  try {
    const module: { default?: unknown } = await import(resolveModule(name, config.folder))
    exported = module.default
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return failed(`the module ${name} cannot be loaded: ${reason}`, 'correct its name or its code')
  }
  const filters: readonly unknown[] = Array.isArray(exported) ? exported : [exported]
  if (filters.length > 0 && filters.every(isFilter)) return { name, pointer, filters, findings: [] }
  return failed(
    `the module ${name} exports no filter`,
    'write export default defineFilter({ … }), or export default a list of filters',
  )
}

const METHODS = ['reads', 'writes', 'confidential', 'create'] as const

/** Whether `defineFilter` made it; what it says of itself is for the library to judge. */
function isFilter(value: unknown): value is Filter {
  if (typeof value !== 'object' || value === null) return false
  const filter = value as Partial<Filter>
  return (
    typeof filter.name === 'string' &&
    typeof filter.summary === 'string' &&
    typeof filter.config === 'object' &&
    (filter.outcomes === 'open' || Array.isArray(filter.outcomes)) &&
    METHODS.every((method) => typeof filter[method] === 'function')
  )
}
