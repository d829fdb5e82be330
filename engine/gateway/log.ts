import { pino } from 'pino'
import type { Logger } from '../policy/filter.ts'
import { openLineWriter } from './line-writer.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The gateway's log: a line of JSON for each thing that happened. */
export interface GatewayLog extends Logger {
  /**
   * Writes out what is still held back, as an end or a crash does by itself. Where nobody reads it
   * gives up after a second.
   */
  flush(): void
}

/**
 * @param fd a file descriptor; by default the standard output
 * @param worker the number of this process where several write to the same place; on each line
 */
export function createLog(level: LogLevel = 'info', fd = 1, worker?: number): GatewayLog {
  const tellDropped = (dropped: number) =>
    log.warn({ dropped }, 'nobody read the log, so lines were dropped')
  const { write, flush } = openLineWriter(fd, tellDropped, worker !== undefined)
  const log = pino(
    {
      level,
      base: worker === undefined ? null : { worker },
      timestamp: isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
  flushAtExit(flush)
  return {
    debug: log.debug.bind(log),
    info: log.info.bind(log),
    warn: log.warn.bind(log),
    error: log.error.bind(log),
    flush,
  }
}

const flushes: (() => void)[] = []

/** One listener for all logs: a process that has many would be warned of a leak. */
function flushAtExit(flush: () => void): void {
  if (flushes.push(flush) > 1) return
  process.once('exit', () => {
    for (const each of flushes) each()
  })
}

let writtenAt = 0
let time = ''

/** ISO 8601, written out once a millisecond and not once a line. */
function isoTime(): string {
  const now = Date.now()
  if (now !== writtenAt) {
    writtenAt = now
    time = `,"time":"${new Date(now).toISOString()}"`
  }
  return time
}

/** For tests, and for whoever wants no log. */
export const silentLog: GatewayLog = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  flush() {},
}
