import { destination, pino } from 'pino'
import type { Logger } from '../policy/filter.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The gateway's log: a line of JSON for each thing that happened. */
export interface GatewayLog extends Logger {
  /** Writes out what is still held back. Nothing else is needed at a normal end or a crash. */
  flush(): void
}

/** A line waits for others until there are so many bytes, or so many milliseconds have gone. */
const BATCH_BYTES = 8 * 1024
const LONGEST_WAIT = 100

/** @param fd a file descriptor; by default the standard output */
export function createLog(level: LogLevel = 'info', fd = 1): GatewayLog {
  const stream = destination({ fd, sync: false, minLength: BATCH_BYTES })
  const log = pino(
    {
      level,
      base: null,
      timestamp: isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  )
  // A full disk must not end the gateway; whoever waits for the lines sees that they stop.
  stream.on('error', () => {})

  let timer: NodeJS.Timeout | undefined
  const write = (method: keyof Logger) => (fields: object, text?: string) => {
    log[method](fields, text)
    timer ??= setTimeout(() => {
      timer = undefined
      stream.flush()
    }, LONGEST_WAIT).unref()
  }

  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    flush() {
      clearTimeout(timer)
      timer = undefined
      stream.flushSync()
    },
  }
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
