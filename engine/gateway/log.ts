import { destination, pino } from 'pino'
import type { Logger } from '../policy/filter.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The gateway's log: a line of JSON for each thing that happened. */
export interface GatewayLog extends Logger {
  /** Writes out what is still held back. Nothing else is needed at a normal end or a crash. */
  flush(): void
}

/** A line waits for others until there are so many characters, or so many milliseconds have gone. */
const BATCH = 32 * 1024
const LONGEST_WAIT = 100

/** @param fd a file descriptor; by default the standard output */
export function createLog(level: LogLevel = 'info', fd = 1): GatewayLog {
  // A batch at a time this takes less than to hand it to another thread, and at a crash none is half written.
  const stream = destination({ fd, sync: true })
  // A full disk must not end the gateway; whoever waits for the lines sees that they stop.
  stream.on('error', () => {})

  // Left to the stream, batches would be measured anew for every line.
  let batch = ''
  let timer: NodeJS.Timeout | undefined

  function write(line: string): void {
    batch += line
    if (batch.length >= BATCH) writeBatch()
    else timer ??= setTimeout(writeBatch, LONGEST_WAIT).unref()
  }

  function writeBatch(): void {
    clearTimeout(timer)
    timer = undefined
    if (batch !== '') stream.write(batch)
    batch = ''
  }

  function flush(): void {
    writeBatch()
    stream.flushSync()
  }

  const log = pino(
    {
      level,
      base: null,
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
