import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import type { Server } from 'node:https'
import type { Logger } from '../policy/filter.ts'

/** Paths of PEM files. */
export interface TlsFiles {
  readonly certificate: string
  readonly key: string
}

/** Polled, because a certificate is often replaced by moving a link that `fs.watch` does not follow. */
const CHECK_EVERY = 5000

export function readCertificate({ certificate, key }: TlsFiles): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(certificate), key: readFileSync(key) }
}

/**
 * Takes up a renewed certificate without a restart. One that cannot be used is reported, and the one
 * before stays.
 *
 * @returns ends the watch
 */
export function watchCertificate(
  server: Server,
  files: TlsFiles,
  log: Logger,
  every = CHECK_EVERY,
): () => void {
  const reload = () => {
    try {
      server.setSecureContext(readCertificate(files))
      log.info({ certificate: files.certificate }, 'the certificate was renewed')
    } catch (err) {
      log.error({ certificate: files.certificate, err }, 'the new certificate cannot be used')
    }
  }
  const paths = [files.certificate, files.key]
  for (const path of paths) watchFile(path, { interval: every, persistent: false }, reload)
  return () => {
    for (const path of paths) unwatchFile(path, reload)
  }
}
