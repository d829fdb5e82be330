import fc from 'fast-check'
import { Model } from './model.ts'
import type { Real } from './model-command.ts'
import { commands } from './model-commands.ts'
import { type AdapterName, adapters, openOAuth } from './open-oauth.ts'

const RUNS = Number(process.env.SALLYPORT_MODEL_RUNS ?? 0)
const DEFAULT_RUNS: Record<AdapterName, number> = { memory: 150, lmdb: 30, postgres: 30, redis: 30 }

type Options = Parameters<typeof openOAuth>[0]

/** Runs random commands on a fresh store and on the model; fast-check prints the seed of a failure. */
async function runCommands(options: Options, list: Iterable<fc.AsyncCommand<Model, Real>>) {
  const oauth = await openOAuth(options)
  try {
    const real: Real = {
      ...oauth,
      inFlight: [],
      exportedClients: [],
      exportedAuthorizations: [],
      drawn: 0,
    }
    await fc.asyncModelRun(async () => ({ model: await introduceClients(real), real }), list)
  } finally {
    await oauth.close()
  }
}

async function introduceClients(real: Real): Promise<Model> {
  const model = new Model(real.now())
  for (const [id, application, type] of [
    ['shop-web', 'shop', 'confidential'],
    ['shop-app', 'shop', 'public'],
    ['mail', 'mail', 'confidential'],
  ] as const) {
    const isPublic = type === 'public'
    const secret = isPublic ? undefined : `first-secret-of-${id}`
    await real.registry.register({ clientId: id, applicationId: application, type, secret })
    const secrets = secret === undefined ? [] : [{ text: secret, until: Infinity }]
    model.clients.push({ id, application, isPublic, present: true, enabled: true, secrets })
  }
  return model
}

for (const [adapter, use] of Object.entries(adapters)) {
  describe(`the rules of OAuth on ${adapter}`, () => {
    const place = use()

    it('do what the plain model does, whatever happens in whatever order', async function () {
      this.timeout(0)
      const numRuns = RUNS || DEFAULT_RUNS[adapter as AdapterName]
      const lists = fc.commands(commands(), { maxCommands: 100, size: 'max' })
      await fc.assert(
        fc.asyncProperty(lists, (list) => runCommands({ place }, list)),
        {
          numRuns,
          interruptAfterTimeLimit: RUNS ? 3_600_000 : 25_000,
          markInterruptAsFailure: false,
        },
      )
    })
  })
}
