import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withDefaults } from '../engine/gateway/environment.ts'

/** What the environment says, with the defaults of the design filled in. */
export interface Settings {
  /** Path of the `gateway.json`. */
  readonly config: string
  readonly data: string
  readonly keys: string
  /** `SALLYPORT_ADMIN_SECRET`, if it is set. */
  readonly adminSecret?: string
  readonly production: boolean
  /** What `${env.NAME}` in `gateway.json` sees. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The only reader of the environment. Relative paths are relative to the working directory. */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const env = withDefaults(environment)
  const adminSecret = environment.SALLYPORT_ADMIN_SECRET
  return {
    config: environment.SALLYPORT_CONFIG || join(packageRoot(), 'samples/quickstart/gateway.json'),
    data: env.SALLYPORT_DATA,
    keys: env.SALLYPORT_KEYS,
    ...(adminSecret && { adminSecret }),
    production: environment.NODE_ENV === 'production',
    env,
  }
}

/** The folder that holds `policies/` and `samples/`, seen from the sources as well as from `dist/`. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}
