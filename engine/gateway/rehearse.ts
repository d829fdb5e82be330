import { type Finding, FindingsError } from '../policy/finding.ts'
import type { CheckedGateway } from './check.ts'
import { checkCertificates } from './check-certificates.ts'
import type { GatewayConfig } from './config.ts'
import { silentLog } from './log.ts'
import type { OpenServices } from './open.ts'
import { loadSampleData, refuseInProduction } from './sample-data.ts'
import { toFinding } from './set-up-error.ts'
import { openTrial } from './trial.ts'
import type { Environment } from './variables.ts'

/**
 * Everything in a set-up for which a gateway would refuse to start: what was found already, and what
 * shows only when filters are created, tables opened and samples loaded, here on stores in memory.
 */
export async function rehearse(
  checked: CheckedGateway,
  env: Environment,
): Promise<readonly Finding[]> {
  const { config, findings } = checked
  if (!config) return findings
  const found = [...findings, ...refuseInProduction(config, env), ...checkCertificates(config)]
  return findings.length > 0 ? found : [...found, ...(await tryStart(checked, config))]
}

async function tryStart(
  checked: CheckedGateway,
  config: GatewayConfig,
): Promise<readonly Finding[]> {
  let trial: OpenServices | undefined
  try {
    trial = await openTrial(checked)
    await loadSampleData(config, trial, silentLog)
    return []
  } catch (error) {
    if (error instanceof FindingsError) return error.findings
    return [toFinding(config, 'bad-setting', '', error)]
  } finally {
    await trial?.close()
  }
}
