import { readFile } from 'node:fs/promises'
import { Unavailable } from '../policy/fault.ts'
import type { Logger } from '../policy/filter.ts'
import { type Finding, FindingsError } from '../policy/finding.ts'
import { readJson } from '../policy/read.ts'
import type { GatewayConfig } from './config.ts'
import type { OpenServices } from './open.ts'
import { shortPath } from './read-policies.ts'
import { toFinding } from './set-up-error.ts'
import type { Environment } from './variables.ts'

/** Credentials that everybody knows have no place in production. */
export function refuseInProduction(config: GatewayConfig, env: Environment): readonly Finding[] {
  if (config.sampleData === undefined || env.NODE_ENV !== 'production') return []
  return [
    config.finding('exposed-sample-data', {
      pointer: '/sampleData',
      message: 'sample credentials are not loaded with NODE_ENV=production',
      remedy: 'remove "sampleData", and create applications of your own',
    }),
  ]
}

/** Creates the records of the file that are not there yet. */
export async function loadSampleData(
  config: GatewayConfig,
  services: OpenServices,
  log: Logger,
): Promise<void> {
  if (config.sampleData === undefined) return
  const file = shortPath(config.sampleData)
  const data = await readSampleData(config.sampleData, config)
  await services.load(data).catch((error: unknown) => {
    if (error instanceof Unavailable) throw error
    throw new FindingsError([toFinding(config, 'bad-sample-data', '/sampleData', error)])
  })
  log.warn({ file }, 'sample credentials are loaded, which everybody knows: for a trial only')
}

async function readSampleData(
  path: string,
  config: GatewayConfig,
): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    const message = `the sample data cannot be read: ${error.message}`
    const remedy = 'correct the path, or remove "sampleData"'
    throw new FindingsError([
      config.finding('unreadable-file', { pointer: '/sampleData', message, remedy }),
    ])
  })
  const { value, findings } = readJson(shortPath(path), text)
  if (findings.length > 0) throw new FindingsError(findings)
  return value as Readonly<Record<string, unknown>>
}
