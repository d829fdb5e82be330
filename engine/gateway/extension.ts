import type { Logger, Services } from '../policy/filter.ts'
import type { ObjectSchema } from '../policy/settings.ts'
import type { Purged } from '../stores/purge.ts'
import type { Store } from '../stores/store.ts'

/** What an extension may use to build its services. */
export interface ExtensionContext {
  readonly log: Logger
  now(): number
  /**
   * A table of `gateway.json`; `lifetime` names the property that holds the end of a record's life,
   * `indexed` those by which records are looked up. Throws if there is no such table, or if it is in
   * use for something else.
   */
  table(name: string, options?: { lifetime?: string; indexed?: readonly string[] }): Store
  /** A collection of its own in a store of `gateway.json`. */
  collection(
    store: string,
    name: string,
    options: { indexes: readonly string[]; lifetime?: string; keepExpired?: number },
  ): Store
  /** Has the store's expired records removed every so many seconds while the gateway serves. */
  purge(store: Purged, everySeconds: number): void
  /** A key of the key ring for that purpose; the same after a restart. */
  keys: KeyRing
}

/** Keys that live outside the stores. */
export interface KeyRing {
  /** Where it is kept, for messages. */
  readonly place: string
  /** The id of the key that new verifiers are made with. */
  readonly current: string
  /** HMAC-SHA-256 of the text under that key, or `undefined` if the ring has no such key. */
  hmac(key: string, purpose: string, text: string): Buffer | undefined
}

/**
 * What a package adds to the gateway beyond filters: a section of `gateway.json` whose entries
 * filters refer to by name, and the services made from it. The engine itself knows no OAuth.
 */
export interface Extension<Entry = unknown> {
  /** The section of `gateway.json`. */
  readonly section: string
  /** What `refersTo` says in a setting that names an entry of the section. */
  readonly refersTo: string
  /** The schema of one entry. */
  readonly schema: ObjectSchema
  /** Parameters of requests that may be sent several times; every other is refused then. */
  readonly repeatable?: readonly string[]
  /** Once, when the gateway opens its stores. What it throws stops the start. */
  open(
    entries: Readonly<Record<string, Entry>>,
    context: ExtensionContext,
  ): {
    /** Joined to what filters get. */
    readonly services: Partial<Services>
    /** Creates what a sample-data file, or the `given` of a policy test, lists and is not there yet. */
    load(given: Readonly<Record<string, unknown>>): Promise<void>
  }
}
