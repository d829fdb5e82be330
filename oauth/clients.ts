import type { KeyRing } from '../engine/gateway/extension.ts'
import { reveal, Secret } from '../engine/policy/secret.ts'
import { KEEP, type Page, type PageRequest, REMOVE } from '../engine/stores/contract.ts'
import type { Change, Store } from '../engine/stores/store.ts'
import { checkClient, checkSecret, isIdentifier, tooManySecrets } from './client-checks.ts'
import { drawClientNumber, isNumberTaken, randomId, randomToken } from './digest.ts'
import type { Announce } from './endings.ts'
import type { Client, ClientDetails, SecretVerifier } from './records.ts'
import { type Registration, RegistrationError, settleClient } from './registration.ts'
import { isValid, MOST_SECRETS, makeVerifier, verifySecret } from './secrets.ts'

/** A client, and its secret where one was just made: it is shown this once. */
export interface Registered {
  readonly client: Client
  readonly secret?: Secret
}

/**
 * Who authenticated. A refusal's reason is for the log only: the caller must not learn whether the
 * client exists. `disabled` is said only to who knows the secret.
 */
export type Authentication =
  | { readonly client: ClientDetails; readonly because?: undefined }
  | { readonly client: undefined; readonly because: 'unknown or wrong' | 'disabled' }

/** A secret to be added; all times are milliseconds since the epoch. */
export interface NewSecret {
  /** Absent: a random one. */
  readonly secret?: string | undefined
  /** When it ends; absent: never. */
  readonly until?: number | undefined
  /** When those of before end; absent: they go on. */
  readonly othersUntil?: number | undefined
}

/** The clients of one table. */
export interface ClientRegistry {
  /** Throws `RegistrationError`; code `client_exists` if there is one of that id. */
  register(registration: Registration): Promise<Registered>
  /** Registers anew under an id that may exist: all tokens of the one before are dead. */
  replace(registration: Registration): Promise<Registered>
  /** Takes back an exported record, with its secrets and a new epoch: tokens of before stay dead. */
  restore(exported: Client): Promise<Client>
  find(clientId: string): Promise<Client | undefined>
  findByNumber(number: number): Promise<Client | undefined>
  list(page: Omit<PageRequest, 'total'>): Promise<Page<Client>>
  listByApplication(applicationId: string, page: PageRequest): Promise<Page<Client>>
  /** A public client presents no secret. */
  authenticate(clientId: string, secret: string | undefined): Promise<Authentication>
  /** Undefined if there is no such client. */
  setEnabled(clientId: string, enabled: boolean): Promise<Client | undefined>
  /** Adds a secret, so that old and new overlap. Throws `RegistrationError` for one too many. */
  addSecret(clientId: string, options?: NewSecret): Promise<Registered | undefined>
  removeSecret(clientId: string, secretId: string): Promise<Client | undefined>
  remove(clientId: string): Promise<boolean>
}

/** What may leave the registry. */
export function withoutSecrets({ secrets, ...details }: Client): ClientDetails {
  return details
}

export function clientRegistry(
  store: Store<Client>,
  { ring, now, announce }: { ring: KeyRing; now(): number; announce: Announce },
): ClientRegistry {
  async function register(registration: Registration): Promise<Registered> {
    const draft = await draftClient(registration)
    const { before } = await store.update(draft.client.clientId, (current) =>
      current === undefined ? draft.client : KEEP,
    )
    if (before === undefined) return draft
    throw new RegistrationError(
      'client_exists',
      `client "${draft.client.clientId}" exists already in ${store.name}; choose another id`,
    )
  }

  async function replace(registration: Registration): Promise<Registered> {
    const draft = await draftClient(registration)
    const { after } = await end(draft.client.clientId, (current) => ({
      ...draft.client,
      number: current?.number ?? draft.client.number,
    }))
    return { ...draft, client: after ?? draft.client }
  }

  async function restore(exported: Client): Promise<Client> {
    checkClient(exported)
    if (exported.secrets.length > MOST_SECRETS) throw tooManySecrets(exported.clientId)
    const before = await store.get(exported.clientId)
    const isFree =
      before?.number === exported.number || !(await isNumberTaken(store, exported.number))
    const number = isFree ? exported.number : await drawClientNumber(store)
    const client = { ...exported, number, epoch: randomId(), updated: now() }
    await end(client.clientId, () => client)
    return client
  }

  async function remove(clientId: string): Promise<boolean> {
    if (!isIdentifier(clientId)) return false
    const { before } = await end(clientId, (current) => (current === undefined ? KEEP : REMOVE))
    return before !== undefined
  }

  /** Puts another in its place, or none: all tokens of the one before are dead. */
  async function end(clientId: string, step: Change<Client>) {
    for (;;) {
      const seen = await store.get(clientId)
      if (seen !== undefined) await announce({ of: 'client', key: clientId, mark: seen.epoch })
      // Only what was announced may end; if it is another by now, that is announced next.
      const changed = await store.update(clientId, (current) =>
        current?.epoch === seen?.epoch ? step(current) : KEEP,
      )
      if (changed.before?.epoch === seen?.epoch) return changed
    }
  }

  // What cannot be an id is not looked up: a store may have a limit on the length of its keys.
  async function find(clientId: string): Promise<Client | undefined> {
    return isIdentifier(clientId) ? store.get(clientId) : undefined
  }

  async function authenticate(
    clientId: string,
    secret: string | undefined,
  ): Promise<Authentication> {
    const client = await find(clientId)
    const fits = verifySecret(client ?? { clientId, secrets: [] }, secret ?? '', ring, now())
    // RFC 6749 §2.3.1: an empty secret may be sent or left out.
    const known = client?.type === 'public' ? !secret : fits
    if (client === undefined || !known) return { client: undefined, because: 'unknown or wrong' }
    if (!client.enabled) return { client: undefined, because: 'disabled' }
    return { client: withoutSecrets(client) }
  }

  async function addSecret(
    clientId: string,
    options: NewSecret = {},
  ): Promise<Registered | undefined> {
    const client = await find(clientId)
    if (client === undefined) return undefined
    const text = options.secret ?? randomToken(43)
    checkSecret(clientId, client.type, text)
    const time = now()
    const verifier = makeVerifier({ clientId, text, until: options.until }, ring, time)
    const changed = await change(clientId, (current) => {
      const others = current.secrets
        .map((other) => endBy(other, options.othersUntil))
        .filter((other) => isValid(other, time))
      const isFull = others.length >= MOST_SECRETS
      return isFull ? current : { ...current, secrets: [...others, verifier] }
    })
    if (changed === undefined) return undefined
    if (!changed.secrets.some(({ id }) => id === verifier.id)) throw tooManySecrets(clientId)
    return { client: changed, secret: new Secret(text) }
  }

  async function draftClient(registration: Registration): Promise<Registered> {
    const settings = settleClient(registration)
    checkClient(settings)
    const { clientId, type } = settings
    const time = now()
    const text = reveal(registration.secret) ?? (type === 'public' ? undefined : randomToken(43))
    if (text !== undefined) checkSecret(clientId, type, text)
    const secrets = text === undefined ? [] : [makeVerifier({ clientId, text }, ring, time)]
    const number = await drawClientNumber(store)
    const client = { ...settings, number, secrets, epoch: randomId(), created: time, updated: time }
    return text === undefined ? { client } : { client, secret: new Secret(text) }
  }

  async function change(
    clientId: string,
    edit: (client: Client) => Client,
  ): Promise<Client | undefined> {
    if (!isIdentifier(clientId)) return undefined
    const time = now()
    const step: Change<Client> = (current) =>
      current === undefined ? KEEP : { ...edit(current), updated: time }
    return (await store.update(clientId, step)).after
  }

  return {
    register,
    replace,
    restore,
    authenticate,
    addSecret,
    find,
    async findByNumber(number) {
      const { items } = await store.find('number', String(number), { limit: 1 })
      return items[0]?.value
    },
    async list({ limit, cursor }) {
      const rows = await store.scan(cursor, limit)
      const next = rows.length === limit ? rows.at(-1)?.key : undefined
      return { items: rows.map((row) => row.value), ...(next === undefined ? {} : { next }) }
    },
    async listByApplication(applicationId, page) {
      const found = await store.find('applicationId', applicationId, page)
      return { ...found, items: found.items.map((row) => row.value) }
    },
    setEnabled: (clientId, enabled) => change(clientId, (client) => ({ ...client, enabled })),
    removeSecret: (clientId, secretId) =>
      change(clientId, (client) => ({
        ...client,
        secrets: client.secrets.filter((verifier) => verifier.id !== secretId),
      })),
    remove,
  }
}

function endBy(verifier: SecretVerifier, until: number | undefined): SecretVerifier {
  if (until === undefined) return verifier
  return { ...verifier, expires: Math.min(verifier.expires ?? until, until) }
}
