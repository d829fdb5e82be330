import type { Command } from 'commander'
import type { Cli } from './cli.ts'
import { formatTable } from './output.ts'

const WELL = 'reachable'
/** Expired records are counted so far, and no further. */
const MOST_COUNTED = 10_000

interface CollectionStatus {
  readonly name: string
  readonly reachable: boolean
  readonly roundTrip: number
  readonly problem?: string
  readonly records?: number
  readonly expired?: number
}

interface Status {
  readonly collections: readonly CollectionStatus[]
}

interface Purged {
  readonly collections: readonly { readonly name: string; readonly removed: number }[]
}

/** `sallyport store`: the stores behind the gateway. */
export function addStore(program: Command, cli: Cli): void {
  const store = program.command('store').description('stores: status, purge')

  store
    .command('status')
    .description('tell whether every store answers, how fast, and how much it holds')
    .action(async () => {
      const status = await cli.administer<Status>({ method: 'GET', path: '/sallyport/stores' })
      cli.output.result(status, ({ collections }) =>
        formatTable(
          ['COLLECTION', 'STATE', 'ROUND TRIP', 'RECORDS', 'EXPIRED'],
          collections.map((one) => [
            one.name,
            stateOf(one),
            `${one.roundTrip.toFixed(1)} ms`,
            String(one.records ?? ''),
            (one.expired ?? 0) > MOST_COUNTED ? `> ${MOST_COUNTED}` : String(one.expired ?? ''),
          ]),
        ),
      )
      if (status.collections.some((one) => stateOf(one) !== WELL)) process.exitCode = 1
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
}

function stateOf({ reachable, problem }: CollectionStatus): string {
  return problem ?? (reachable ? WELL : 'not reachable')
}
