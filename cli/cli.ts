import type { Administration } from './administration.ts'
import type { Output } from './output.ts'
import type { Settings } from './settings.ts'

/** What every verb gets: the settings, a place to write to, and a way to the gateway's management. */
export interface Cli extends Administration {
  readonly settings: Settings
  readonly output: Output
  /** Ends with exit code 2. */
  wrongUsage(message: string): never
}
