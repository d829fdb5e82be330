import { writeSync } from 'node:fs'

/** Writes lines out in batches, and waits for no reader while it does. */
export interface LineWriter {
  write(line: string): void
  /** Writes out what is still held back; gives up after a second where nobody reads. */
  flush(): void
}

/** A line waits for others until there are so many characters, or so many milliseconds have gone. */
const BATCH = 32 * 1024
const LONGEST_WAIT = 100
/** Characters kept for a reader who has stopped reading. */
const MOST_KEPT = 1024 * 1024
/** Milliseconds for which an end waits for such a reader, and between two looks. */
const PATIENCE = 1000
const NAP = 10

/** So many bytes a pipe takes as one, whoever else writes to it: POSIX calls it PIPE_BUF. */
const WHOLE = process.platform === 'linux' ? 4096 : 512

const NOTHING = Buffer.alloc(0)

/**
 * A batch at a time it takes less to write in this thread than to hand it to another, and at a crash
 * none is half written.
 *
 * @param tellDropped how many lines were dropped, because nobody read; told when somebody reads again
 * @param isShared whether other processes write there too, whose lines must not end up within ours
 */
export function openLineWriter(
  fd: number,
  tellDropped: (lines: number) => void,
  isShared = false,
): LineWriter {
  // Node makes its standard output one that answers EAGAIN: a full pipe would otherwise stop the thread.
  if (fd === 1) process.stdout.writable
  let batch = ''
  /** What the batch before has left to be written. */
  let rest: Uint8Array = NOTHING
  let stalled = false
  let dropped = 0
  let timer: NodeJS.Timeout | undefined

  function write(line: string): void {
    if (batch.length >= MOST_KEPT) {
      dropped += 1
      return
    }
    batch += line
    if (batch.length >= BATCH && !stalled) writeBatch()
    else timer ??= setTimeout(writeBatch, LONGEST_WAIT).unref()
  }

  function writeBatch(): void {
    clearTimeout(timer)
    timer = undefined
    stalled = !writeAll()
    if (stalled) timer = setTimeout(writeBatch, LONGEST_WAIT).unref()
    else if (dropped > 0) {
      const lines = dropped
      dropped = 0
      tellDropped(lines)
    }
  }

  /** Whether all has been taken. */
  function writeAll(): boolean {
    try {
      while (isHolding()) {
        if (rest.length === 0) {
          const next = isShared ? wholeLines(batch) : batch
          rest = Buffer.from(next)
          batch = batch.slice(next.length)
        }
        rest = rest.subarray(writeSync(fd, rest))
      }
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false
      // A full disk must not end the gateway; whoever waits for the lines sees that they stop.
      forget()
      return true
    }
  }

  function isHolding(): boolean {
    return rest.length > 0 || batch !== ''
  }

  function forget(): void {
    rest = NOTHING
    batch = ''
  }

  return {
    write,
    flush() {
      const end = Date.now() + PATIENCE
      while (isHolding() && Date.now() < end) {
        writeBatch()
        if (stalled) nap()
      }
      forget()
    },
  }
}

/** As many lines as are written as one, or a single one that is longer. */
function wholeLines(lines: string): string {
  const isPlain = Buffer.byteLength(lines) === lines.length
  const end = lines.lastIndexOf('\n', isPlain ? WHOLE - 1 : Math.floor(WHOLE / 3))
  return lines.slice(0, 1 + (end === -1 ? lines.indexOf('\n') : end))
}

function nap(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP)
}
