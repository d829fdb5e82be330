import { createSecureContext } from 'node:tls'
import { readCertificate, type TlsFiles } from '../http/tls.ts'
import type { Finding } from '../policy/finding.ts'
import { pointTo } from '../policy/pointer.ts'
import type { GatewayConfig } from './config.ts'

/** Finds certificates and keys that HTTPS cannot be served with. */
export function checkCertificates(config: GatewayConfig): readonly Finding[] {
  return Object.entries(config.listeners).flatMap(([name, { tls }]) => {
    const problem = tls && findProblem(tls)
    if (!problem) return []
    return config.finding('bad-certificate', {
      pointer: pointTo('/listeners', name, 'tls'),
      message: `HTTPS cannot be served with this certificate and key: ${problem}`,
      remedy: 'name a certificate and its key, both in PEM and readable to this user',
    })
  })
}

function findProblem(files: TlsFiles): string | undefined {
  try {
    createSecureContext(readCertificate(files))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
