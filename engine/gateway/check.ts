import type { Filter } from '../policy/filter.ts'
import type { Finding } from '../policy/finding.ts'
import type { FilterLibrary } from '../policy/library.ts'
import { lintPolicies } from '../policy/lint.ts'
import type { CheckedPolicy, PolicySource } from '../policy/policy.ts'
import type { Locate } from '../policy/program.ts'
import { readJson } from '../policy/read.ts'
import { checkConfig, namesIn } from './check-config.ts'
import { type GatewayConfig, readConfig } from './config.ts'
import type { Extension } from './extension.ts'
import { loadFilters } from './load-filters.ts'
import { readPolicies } from './read-policies.ts'
import type { Environment } from './variables.ts'

export interface CheckOptions {
  /** Path of a `gateway.json`. */
  readonly configFile: string
  /** What `${env.NAME}` sees. The engine reads no environment by itself. */
  readonly env: Environment
  /** Those of the package and those that the program brings; modules named in the file join them. */
  readonly filters: readonly Filter[]
  /** Those of them that tests have judged already, so that a start need not. */
  readonly proven?: ReadonlySet<Filter>
  readonly extensions: readonly Extension[]
  /** The names of the gateway's credentials; by default `admin`. */
  readonly credentials?: readonly string[]
}

/** A set-up that has been judged whole, without touching a store. */
export interface CheckedGateway {
  /** Empty: the gateway may start. */
  readonly findings: readonly Finding[]
  /** Absent where `gateway.json` does not fit its schema. */
  readonly config?: GatewayConfig
  readonly extensions: readonly Extension[]
  readonly library: FilterLibrary
  /** Those without findings. */
  readonly policies: ReadonlyMap<string, CheckedPolicy>
  /** Names of parameters that arrive as `Secret`, since a node of some policy says so. */
  readonly confidential: ReadonlySet<string>
  readonly locate: Locate
}

/** Judges a `gateway.json` and all that it names, and reports everything that is wrong at once. */
export async function checkGateway(options: CheckOptions): Promise<CheckedGateway> {
  const { configFile, env, extensions, filters, proven, credentials = ['admin'] } = options
  const { config, findings } = await readConfig(configFile, { env, extensions })
  if (!config) return nothingBut(findings, extensions)

  const [loaded, read] = await Promise.all([
    loadFilters(config, filters, proven),
    readSources(config),
  ])
  const known = { ...namesIn(config, extensions), credential: new Set(credentials) }
  const policy = new Set(read.sources.map(({ name }) => name))
  const linted = lintPolicies(read.sources, {
    library: loaded.library,
    known,
    routed: new Set(config.routes.map((route) => route.policy)),
  })
  return {
    findings: [
      ...loaded.findings,
      ...read.findings,
      ...checkConfig(config, extensions, { ...known, policy }),
      ...linted.findings,
    ],
    config,
    extensions,
    library: loaded.library,
    policies: linted.policies,
    confidential: confidentialNames(linted.policies),
    locate: locator(read.sources),
  }
}

function nothingBut(
  findings: readonly Finding[],
  extensions: readonly Extension[],
): CheckedGateway {
  return {
    findings,
    extensions,
    library: new Map(),
    policies: new Map(),
    confidential: new Set(),
    locate: locator([]),
  }
}

async function readSources(config: GatewayConfig) {
  try {
    return { sources: await readPolicies(config.policies), findings: [] }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const finding = config.finding('unreadable-file', {
      pointer: '/policies',
      message: `the policies cannot be read: ${reason}`,
      remedy: 'correct the path of the folder, or its permissions',
    })
    return { sources: [], findings: [finding] }
  }
}

function confidentialNames(policies: ReadonlyMap<string, CheckedPolicy>): ReadonlySet<string> {
  const nodes = [...policies.values()].flatMap((policy) => [...policy.nodes.values()])
  return new Set(nodes.flatMap(({ filter, config }) => filter.confidential(config)))
}

/** A place is asked for only when something is wrong, so nothing is kept parsed for it. */
function locator(sources: readonly PolicySource[]): Locate {
  return (file, pointer) => {
    const source = sources.find((one) => one.file === file)
    return readJson(file, source?.text ?? '').place(pointer)
  }
}
