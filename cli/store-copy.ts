import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { CopyReport } from '../engine/gateway/copy-stores.ts'
import type { OpenServices } from '../engine/gateway/open.ts'
import type { Cli } from './cli.ts'
import { formatTable } from './output.ts'
import type { SoundSetUp } from './policies.ts'
import { countProgress } from './progress.ts'
import type { Locked } from './store.ts'

/** `sallyport store copy`: everything in the stores of one set-up into those of another. */
export async function copyTo(file: string, cli: Cli): Promise<void> {
  const { requireSetUp } = await import('./policies.ts')
  const from = await requireSetUp(cli.settings)
  const to = await requireSetUp({ ...cli.settings, config: file })
  for (const each of [from, to]) requireScan(each)
  const target = await open(to, cli)
  try {
    await copyInto(target, from, cli)
  } finally {
    await target.close()
  }
}

async function copyInto(target: OpenServices, from: SoundSetUp, cli: Cli): Promise<void> {
  const { requireCopyTarget, shutCopyTarget } = await import('../engine/gateway/copy-stores.ts')
  await target.checkKeys()
  await requireCopyTarget(target)
  const { stores } = await cli.administer<Locked>({
    method: 'POST',
    path: '/sallyport/stores/lock',
  })
  cli.output.hint('the source is locked and stays so; "sallyport store unlock" opens it again')
  const half = stores.find(({ locked }) => locked?.state === 'unfinished')
  if (half) throw new Error(`the store "${half.name}" holds an unfinished copy itself`)
  const source = await open(from, cli, { readOnly: true })
  try {
    await shutCopyTarget(source, target)
    await settle([...stores, ...target.locks.values()], cli)
    tell(await copyAll(source, target, cli), cli)
  } finally {
    await source.close()
  }
}

/** Until then a gateway may not have heard of the lock, and may be writing. */
async function settle(
  stores: readonly { readonly settledIn?: number }[],
  { output }: Cli,
): Promise<void> {
  const longest = Math.max(0, ...stores.map(({ settledIn = 0 }) => settledIn))
  if (longest === 0) return
  output.hint(`waiting ${longest / 1000} s, until every gateway has heard of it`)
  await wait(longest)
}

async function copyAll(source: OpenServices, target: OpenServices, { output }: Cli) {
  const { copyStores } = await import('../engine/gateway/copy-stores.ts')
  const sizes = await Promise.all(source.collections.map(({ adapter }) => adapter.size()))
  const total = sizes.reduce((sum, { records = 0 }) => sum + records, 0)
  const progress = countProgress(output, total)
  try {
    return await copyStores(source, target, progress.add)
  } finally {
    progress.end()
  }
}

function tell(report: CopyReport, { output }: Cli): void {
  output.result(report, ({ collections, records, digest, moment }) =>
    [
      formatTable(
        ['COLLECTION', 'RECORDS'],
        collections.map((each) => [each.name, String(each.records)]),
      ),
      '',
      `source and target are equal: ${records} records that outlive ${moment}`,
      `digest ${digest}`,
    ].join('\n'),
  )
}

async function open(checked: SoundSetUp, { settings }: Cli, how: { readOnly?: true } = {}) {
  const { openServices } = await import('../engine/gateway/open.ts')
  const { silentLog } = await import('../engine/gateway/log.ts')
  const { openKeyRing } = await import('../engine/kps/key-ring.ts')
  const keys = await openKeyRing(settings.keys)
  const { production } = settings
  // Policies are loaded and never run, so nobody has to know it.
  const credentials = { admin: randomUUID() }
  return openServices(checked, { ...how, log: silentLog, keys, production, credentials })
}

function requireScan({ config }: SoundSetUp): void {
  for (const [name, { adapter }] of Object.entries(config.stores)) {
    if (adapter !== 'memory' && !config.lacks(name).includes('scan')) continue
    throw new Error(
      `the store "${name}" of ${config.file} is of the adapter ${adapter}, which cannot be copied; use lmdb, postgres or redis`,
    )
  }
}
