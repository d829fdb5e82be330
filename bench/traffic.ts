import { checkContender } from './contenders/check.ts'
import { type Contender, type ContenderName, startContender } from './contenders/contender.ts'
import { plan } from './plan.ts'
import { tell } from './progress.ts'
import { Results } from './results.ts'
import { introspect, issue, revoke, revokeUnknown } from './work.ts'

/** Works that only look something up: on the durable store, against peers in memory. */
const LOOKERS: readonly ContenderName[] = ['Sallyport, LMDB', 'limit, LMDB', 'oidc-provider']
const WRITERS: readonly ContenderName[] = [...LOOKERS, 'Sallyport, memory', 'limit, memory']
const ISSUERS: readonly ContenderName[] = [...WRITERS, 'express-oauth-server']

const INTROSPECTED = 512
const FIRST = 1000

/** Has all contenders do all that is asked of them over HTTP, round by round. */
export async function measureTraffic(folder: string): Promise<Results> {
  const results = new Results()
  const contenders: Contender[] = []
  try {
    for (const name of ISSUERS) {
      const contender = await startContender(name, folder)
      contenders.push(contender)
      await checkContender(contender)
    }
    for (const contender of contenders) await weigh(contender, results)
    const known = new Map<Contender, readonly string[]>()
    for (const contender of contenders.filter(isIn(LOOKERS))) {
      known.set(contender, (await issue(contender, { requests: INTROSPECTED })).tokens)
    }
    for (let round = 0; round < plan.rounds; round++) {
      tell(`round ${round + 1} of ${plan.rounds}: look up`)
      for (const contender of inTurn(contenders.filter(isIn(LOOKERS)), round)) {
        await lookUp(contender, known.get(contender) ?? [], results)
      }
      tell(`round ${round + 1} of ${plan.rounds}: issue and revoke`)
      for (const contender of inTurn(contenders, round)) await write(contender, results)
    }
    return results
  } finally {
    await Promise.all(contenders.map(({ process }) => process.stop()))
  }
}

async function lookUp(
  contender: Contender,
  tokens: readonly string[],
  results: Results,
): Promise<void> {
  const { seconds } = plan
  const introspected = await introspect(contender, tokens, seconds)
  results.add(contender.name, 'introspect', introspected)
  results.add(contender.name, 'revoke unknown', await revokeUnknown(contender, seconds))
}

/** What is issued in a round is revoked in it, so that the next one begins alike. */
async function write(contender: Contender, results: Results): Promise<void> {
  const { round, tokens } = await issue(contender, { seconds: plan.seconds })
  results.add(contender.name, 'issue', round)
  if (!isIn(WRITERS)(contender)) return
  results.add(contender.name, 'revoke', await revoke(contender, tokens))
}

/** Warms the contender up, and weighs it without and with living tokens. */
async function weigh(contender: Contender, results: Results): Promise<void> {
  tell(`${contender.name}: warm up and weigh ${plan.weighed} tokens`)
  const canRevoke = isIn(WRITERS)(contender)
  const first = await issue(contender, { requests: FIRST })
  if (canRevoke) await revoke(contender, first.tokens)
  const before = await contender.process.memory()
  const { tokens } = await issue(contender, { requests: plan.weighed })
  const after = await contender.process.memory()
  results.weigh(contender.name, (after - before) / tokens.length)
  if (canRevoke) await revoke(contender, tokens)
  if (!isIn(LOOKERS)(contender)) return
  const { tokens: known } = await issue(contender, { requests: INTROSPECTED })
  await introspect(contender, known, plan.warmUp)
  await revokeUnknown(contender, plan.warmUp)
}

function isIn(names: readonly ContenderName[]): (contender: Contender) => boolean {
  return ({ name }) => names.includes(name)
}

/** Another one begins each round: none always follows the same. */
function inTurn<Item>(items: readonly Item[], round: number): readonly Item[] {
  const first = round % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}
