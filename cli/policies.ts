import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CheckedGateway } from '../engine/gateway/check.ts'
import type { GatewayConfig } from '../engine/gateway/config.ts'
import { FindingsError } from '../engine/policy/finding.ts'
import { checkSetUp } from '../index.ts'
import type { Settings } from './settings.ts'

/** A set-up that a gateway would start with. */
export type SoundSetUp = CheckedGateway & { readonly config: GatewayConfig }

export async function requireSetUp(settings: Settings): Promise<SoundSetUp> {
  const checked = await checkSetUp(settings)
  const { findings, config } = checked
  if (findings.length > 0 || !config) throw new FindingsError(findings)
  return { ...checked, config }
}

/** The name of a policy that is named by its name, its file, or the file of its tests. */
export function findPolicy({ policies }: CheckedGateway, named: string): string {
  const file = resolve(named.replace(/\.test\.json$/, '.json'))
  const found = [...policies.values()].find(
    (policy) => policy.name === named || resolve(policy.file) === file,
  )
  if (found) return found.name
  throw new Error(`there is no policy ${named}; there are ${[...policies.keys()].join(', ')}`)
}

/** The text of a file; none if there is no such file. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
