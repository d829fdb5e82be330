import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Finding, Place } from '../policy/finding.ts'
import { pointTo } from '../policy/pointer.ts'
import type { Problem } from '../policy/problem.ts'
import { type JsonText, readJson } from '../policy/read.ts'
import { checkAgainst } from '../policy/schema.ts'
import type { Ability } from '../stores/contract.ts'
import { adapterNames, loadAdapter } from '../stores/open.ts'
import type { Extension } from './extension.ts'
import { resolveModule } from './resolve-module.ts'
import { type GatewaySettings, gatewaySchema } from './schema.ts'
import {
  convertVariables,
  type Environment,
  type Substitution,
  substituteVariables,
} from './variables.ts'

/** A `gateway.json` as read: complete with defaults, variables filled in, paths absolute. */
export interface GatewayConfig extends GatewaySettings {
  /** As the reader would type it. */
  readonly file: string
  /** The folder that names of modules are looked up from. */
  readonly folder: string
  /** What to change in order to change a value: a variable, or the place in the file. */
  settingFor(pointer: string): string
  finding(code: string, problem: Problem): Finding
  /** What a store cannot promise; its adapter says so. */
  lacks(store: string): readonly Ability[]
}

/** What of an adapter's settings are paths. */
const STORE_PATHS = ['path', 'ca', 'certificate', 'key']

export interface ReadOptions {
  readonly env: Environment
  readonly extensions: readonly Extension[]
}

export interface ReadConfig {
  /** Absent where the file does not fit its schema. */
  readonly config?: GatewayConfig
  readonly findings: readonly Finding[]
}

/** Reads a `gateway.json` and judges what can be judged without looking at anything else. */
export async function readConfig(file: string, options: ReadOptions): Promise<ReadConfig> {
  const text = await readText(file)
  if (typeof text !== 'string') return { findings: [text] }
  const json = readJson(file, text)
  if (json.value === undefined || json.findings.length > 0) return { findings: json.findings }

  const filled = substituteVariables(listMethods(json.value), options.env)
  const schema = gatewaySchema(options.extensions)
  const checked = checkAgainst(schema, convertVariables(filled.value, schema, filled.whole))
  const findings = [
    ...filled.problems.map((problem) => toFinding(json, problem.code, problem)),
    ...schemaFindings(json, checked.problems, filled),
  ]
  if (findings.length > 0) return { findings }

  const stores = await checkStores(checked.value as GatewaySettings, json, filled)
  if (stores.findings.length > 0) return { findings: stores.findings }
  const settings = { ...(checked.value as GatewaySettings), stores: stores.settings }
  return { config: createConfig(settings, stores.lacks, json, filled), findings: [] }
}

async function readText(file: string): Promise<string | Finding> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      ...{ file, line: 1, column: 1, code: 'unreadable-file', pointer: '' },
      message: `the file cannot be read: ${reason}`,
      remedy: 'give the path of a gateway.json, or correct its permissions',
    }
  }
}

/** One method may stand by itself; from here on it is a list. */
function listMethods(root: unknown): unknown {
  if (!isObject(root) || !Array.isArray(root.routes)) return root
  const routes = root.routes.map((route: unknown) =>
    isObject(route) && typeof route.method === 'string'
      ? { ...route, method: [route.method] }
      : route,
  )
  return { ...root, routes }
}

function schemaFindings(
  json: JsonText,
  problems: readonly Problem[],
  filled: Substitution,
  base = '',
): readonly Finding[] {
  const unset = new Set(filled.problems.map(({ pointer }) => pointer))
  return problems
    .map((problem) => ({ ...problem, pointer: base + problem.pointer }))
    .filter(({ pointer }) => !unset.has(pointer))
    .map((problem) => toFinding(json, 'bad-setting', blameVariable(problem, filled)))
}

/** What came from the environment may be secret, so it is not repeated. */
function blameVariable(problem: Problem, { from }: Substitution): Problem {
  const names = from.get(problem.pointer)?.join(' and ')
  if (names === undefined) return problem
  const { pointer, remedy } = problem
  return {
    pointer,
    message: `the value of ${names} does not fit here`,
    remedy: `${names}: ${remedy}`,
  }
}

/** Each adapter has settings of its own. */
async function checkStores({ stores }: GatewaySettings, json: JsonText, filled: Substitution) {
  const findings: Finding[] = []
  const settings: Record<string, GatewaySettings['stores'][string]> = {}
  const lacks = new Map<string, readonly Ability[]>()
  for (const [name, store] of Object.entries(stores)) {
    const base = pointTo('/stores', name)
    if (!adapterNames.includes(store.adapter)) {
      findings.push(toFinding(json, 'unknown-adapter', unknownAdapter(store.adapter, base)))
      continue
    }
    const { settings: schema, lacks: lacking = [] } = await loadAdapter(store.adapter)
    const checked = checkAgainst(schema, convertVariables(store, schema, filled.whole, base))
    findings.push(...schemaFindings(json, checked.problems, filled, base))
    settings[name] = checked.value as GatewaySettings['stores'][string]
    lacks.set(name, lacking)
  }
  return { settings, lacks, findings }
}

function unknownAdapter(adapter: string, base: string): Problem {
  return {
    pointer: pointTo(base, 'adapter'),
    message: `there is no store adapter "${adapter}"`,
    remedy: `there are ${adapterNames.join(', ')}`,
  }
}

function createConfig(
  settings: GatewaySettings,
  lacks: ReadonlyMap<string, readonly Ability[]>,
  json: JsonText,
  { from }: Substitution,
): GatewayConfig {
  const folder = resolve(dirname(json.file))
  // What the environment gives is relative to where the command was given, as in any shell.
  const path = (text: string, pointer: string) => resolve(from.has(pointer) ? '.' : folder, text)
  const { stores, listeners, policies, sampleData } = settings
  return {
    ...settings,
    file: json.file,
    folder,
    policies: path(policies, '/policies'),
    ...(sampleData !== undefined && { sampleData: path(sampleData, '/sampleData') }),
    stores: mapValues(stores, (store, name) => {
      const paths = STORE_PATHS.flatMap((setting) => {
        const value = store[setting]
        if (typeof value !== 'string') return []
        return [[setting, path(value, pointTo('/stores', name, setting))]]
      })
      const { module } = store
      return {
        ...{ ...store, ...Object.fromEntries(paths) },
        ...(typeof module === 'string' && { module: resolveModule(module, folder) }),
      }
    }),
    listeners: mapValues(listeners, ({ tls, ...listener }, name) => {
      if (!tls) return listener
      const at = pointTo('/listeners', name, 'tls')
      const certificate = path(tls.certificate, `${at}/certificate`)
      return { ...listener, tls: { certificate, key: path(tls.key, `${at}/key`) } }
    }),
    settingFor: (pointer) =>
      from.get(pointer)?.join(' and ') ??
      `${pointer.slice(1).replaceAll('/', '.')} in ${json.file}`,
    finding: (code, problem) => toFinding(json, code, problem),
    lacks: (store) => lacks.get(store) ?? [],
  }
}

function toFinding(json: JsonText, code: string, problem: Problem): Finding {
  const { pointer, message, remedy, atKey } = problem
  const place: Place = atKey ? json.keyPlace(pointer) : json.place(pointer)
  return { ...place, file: json.file, code, message, remedy, pointer }
}

function mapValues<From, To>(
  map: Readonly<Record<string, From>>,
  change: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value, name)]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
