import type { Command } from 'commander'
import type { Cli } from './cli.ts'
import { formatTable } from './output.ts'

const WELL = 'reachable'
/** Expired records are counted so far, and no further. */
const MOST_COUNTED = 10_000

interface Answering {
  readonly name: string
  readonly reachable: boolean
  readonly roundTrip: number
  readonly problem?: string
}

interface CollectionStatus extends Answering {
  readonly records?: number
  readonly expired?: number
}

interface LockedStore {
  readonly name: string
  readonly locked?: { readonly state: 'locked' | 'unfinished'; readonly since: string }
}

interface StoreStatus extends Answering, LockedStore {
  readonly durability?: string
}

interface Status {
  readonly stores: readonly StoreStatus[]
  readonly collections: readonly CollectionStatus[]
}

/** What locking and unlocking answer. */
export interface Locked {
  readonly stores: readonly (LockedStore & {
    /** Milliseconds until every gateway heeds it. */
    readonly settledIn?: number
  })[]
}

interface Purged {
  readonly collections: readonly { readonly name: string; readonly removed: number }[]
}

/** `sallyport store`: the stores behind the gateway. */
export function addStore(program: Command, cli: Cli): void {
  const store = program.command('store').description('stores: status, purge, copy, lock, unlock')

  store
    .command('status')
    .description('tell whether every store answers, how fast, and how much it holds')
    .action(async () => {
      const status = await cli.administer<Status>({ method: 'GET', path: '/sallyport/stores' })
      cli.output.result(status, formatStatus)
      const parts = [...status.stores, ...status.collections]
      if (parts.some((one) => stateOf(one) !== WELL)) process.exitCode = 1
    })

  store
    .command('purge')
    .description('remove what has expired now, instead of at the interval')
    .action(async () => {
      const purged = await cli.administer<Purged>({
        method: 'POST',
        path: '/sallyport/stores/purge',
      })
      cli.output.result(purged, ({ collections }) =>
        formatTable(
          ['COLLECTION', 'REMOVED'],
          collections.map((one) => [one.name, String(one.removed)]),
        ),
      )
    })

  store
    .command('copy')
    .description('lock the stores, and copy all that is in them into those of another gateway.json')
    .requiredOption('--to <gateway.json>', 'the set-up whose stores are to be filled')
    .action(async ({ to }: { to: string }) => {
      const { copyTo } = await import('./store-copy.ts')
      await copyTo(to, cli)
    })

  for (const [verb, description] of [
    ['lock', 'let nothing be written any more; reads go on'],
    ['unlock', 'let the stores be written again'],
  ] as const) {
    store
      .command(verb)
      .description(description)
      .action(async () => {
        const path = `/sallyport/stores/${verb}`
        cli.output.result(await cli.administer<Locked>({ method: 'POST', path }), formatLocks)
      })
  }
}

function formatStatus({ stores, collections }: Status): string {
  const places = formatTable(
    ['STORE', 'STATE', 'ROUND TRIP', 'LOCK', 'DURABILITY'],
    stores.map((one) => [
      one.name,
      stateOf(one),
      `${one.roundTrip.toFixed(1)} ms`,
      lockOf(one),
      one.durability ?? '',
    ]),
  )
  const holdings = formatTable(
    ['COLLECTION', 'STATE', 'ROUND TRIP', 'RECORDS', 'EXPIRED'],
    collections.map((one) => [
      one.name,
      stateOf(one),
      `${one.roundTrip.toFixed(1)} ms`,
      String(one.records ?? ''),
      (one.expired ?? 0) > MOST_COUNTED ? `> ${MOST_COUNTED}` : String(one.expired ?? ''),
    ]),
  )
  return `${places}\n\n${holdings}`
}

function formatLocks({ stores }: Locked): string {
  const rows = stores.map((one) => [one.name, lockOf(one)])
  return formatTable(['STORE', 'LOCK'], rows)
}

function lockOf({ locked }: LockedStore): string {
  return locked === undefined ? 'open' : `${locked.state} since ${locked.since}`
}

function stateOf({ reachable, problem }: Answering): string {
  return problem ?? (reachable ? WELL : 'not reachable')
}
