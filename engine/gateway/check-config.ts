import { isHealthPath } from '../http/health.ts'
import { findClashes } from '../http/route.ts'
import type { Finding } from '../policy/finding.ts'
import { unknownCode, wordsOf } from '../policy/lint/lint-codes.ts'
import type { KnownNames } from '../policy/lint/lint-settings.ts'
import { pointTo } from '../policy/pointer.ts'
import { didYouMean, listNames } from '../policy/suggestion.ts'
import { checkListeners } from './check-listeners.ts'
import type { GatewayConfig } from './config.ts'
import type { Extension } from './extension.ts'
import { findReferences } from './references.ts'
import { gatewaySchema } from './schema.ts'

/** The listener on which the health is told. */
export const MANAGEMENT = 'management'

/** The names that `gateway.json` gives, by what `refersTo` says of them. */
export function namesIn(config: GatewayConfig, extensions: readonly Extension[]): KnownNames {
  const keys = (section: string) => new Set(Object.keys(config[section] ?? {}))
  return {
    listener: keys('listeners'),
    store: keys('stores'),
    table: keys('tables'),
    ...Object.fromEntries(extensions.map(({ section, refersTo }) => [refersTo, keys(section)])),
  }
}

/** Finds what fits the schema and still makes no sense. */
export function checkConfig(
  config: GatewayConfig,
  extensions: readonly Extension[],
  known: KnownNames,
): readonly Finding[] {
  return [
    ...unknownNames(config, extensions, known),
    ...ambiguousRoutes(config),
    ...reservedRoutes(config),
    ...repeatedParameters(config),
    ...checkListeners(config),
    ...sharedFolders(config),
    ...weakStores(config, extensions),
  ]
}

function unknownNames(
  config: GatewayConfig,
  extensions: readonly Extension[],
  known: KnownNames,
): readonly Finding[] {
  return findReferences(config, gatewaySchema(extensions))
    .filter(({ kind, name }) => !known[kind]?.has(name))
    .map(({ kind, name, pointer }) => {
      const names = known[kind] ?? new Set()
      const words = wordsOf(kind)
      const otherwise =
        names.size === 0 ? `there is no ${words} yet` : `known are ${listNames(names)}`
      const remedy = didYouMean(name, names, otherwise)
      return config.finding(unknownCode(kind), {
        pointer,
        message: `there is no ${words} "${name}"`,
        remedy,
      })
    })
}

function ambiguousRoutes(config: GatewayConfig): readonly Finding[] {
  return Object.keys(config.listeners).flatMap((listener) => {
    const routes = config.routes
      .map((route, index) => ({ ...route, methods: route.method, index }))
      .filter((route) => route.listener === listener)
    return findClashes(routes).map(({ first, second }) => {
      const one = routes[first]
      const other = routes[second]
      return config.finding('ambiguous-route', {
        pointer: pointTo('/routes', other?.index ?? 0),
        message: `the route ${other?.path} fits the same requests as routes.${one?.index}, ${one?.path}`,
        remedy: 'give one of them another path or method, or remove it',
      })
    })
  })
}

function reservedRoutes(config: GatewayConfig): readonly Finding[] {
  return config.routes.flatMap(({ listener, path }, index) =>
    listener === MANAGEMENT && isHealthPath(path)
      ? config.finding('ambiguous-route', {
          pointer: pointTo('/routes', index, 'path'),
          message: `${path} on the listener "${MANAGEMENT}" is where the health is told`,
          remedy: 'give the route another path',
        })
      : [],
  )
}

function repeatedParameters(config: GatewayConfig): readonly Finding[] {
  return config.routes.flatMap(({ path }, index) => {
    const names = path.split('/').filter((segment) => segment.startsWith(':'))
    const repeated = names.find((name, position) => names.indexOf(name) < position)
    if (repeated === undefined) return []
    return config.finding('bad-setting', {
      pointer: pointTo('/routes', index, 'path'),
      message: `the parameter ${repeated} stands twice in ${path}`,
      remedy: 'give each parameter a name of its own',
    })
  })
}

/** A folder has one holder. */
function sharedFolders(config: GatewayConfig): readonly Finding[] {
  const holders = new Map<string, string>()
  return Object.entries(config.stores).flatMap(([name, { path }]) => {
    if (typeof path !== 'string') return []
    const holder = holders.get(path)
    if (holder === undefined) {
      holders.set(path, name)
      return []
    }
    return config.finding('bad-setting', {
      pointer: pointTo('/stores', name, 'path'),
      message: `the stores "${holder}" and "${name}" have the same path`,
      remedy: 'give each a folder of its own, or use one store for both',
    })
  })
}

/** An extension may do anything with its collections; a plain table needs what an index needs. */
function weakStores(config: GatewayConfig, extensions: readonly Extension[]): readonly Finding[] {
  const storeOf = (table: string) =>
    Object.hasOwn(config.tables, table) ? config.tables[table]?.store : undefined
  const needs = findReferences(config, gatewaySchema(extensions)).flatMap((reference) => {
    const { kind, name, pointer } = reference
    if (pointer.startsWith('/tables/')) return []
    const store = kind === 'store' ? name : kind === 'table' ? storeOf(name) : undefined
    const abilities = store === undefined ? [] : config.lacks(store)
    return [{ store, pointer, what: 'what is named here', abilities }]
  })
  const indexed = Object.entries(config.tables).flatMap(
    ([table, { store, indexed: properties }]) => {
      const abilities = config.lacks(store).filter((ability) => ability === 'find')
      const pointer = pointTo('/tables', table, 'store')
      return properties.length === 0 ? [] : [{ store, pointer, what: 'an index', abilities }]
    },
  )
  return [...needs, ...indexed]
    .filter(({ abilities }) => abilities.length > 0)
    .map(({ store = '', pointer, what, abilities }) =>
      config.finding('weak-store', {
        pointer,
        message: `${what} needs ${abilities.join(', ')}, which the adapter "${config.stores[store]?.adapter}" of the store "${store}" cannot promise`,
        remedy: 'name a store of another adapter: lmdb, postgres or redis',
      }),
    )
}
