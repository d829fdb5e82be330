import type { Environment } from './variables.ts'

/** What the samples read, where the environment does not say it. */
const DEFAULTS = {
  SALLYPORT_TRAFFIC_PORT: '8080',
  SALLYPORT_MANAGEMENT_PORT: '8089',
  SALLYPORT_DATA: './data',
  SALLYPORT_KEYS: './keys',
} as const

/** The environment with defaults; a variable that is set to nothing counts as not set. */
export function withDefaults(env: Environment): Environment & typeof DEFAULTS {
  const given = Object.entries(env).filter(([, value]) => value)
  return { ...DEFAULTS, ...Object.fromEntries(given) }
}
