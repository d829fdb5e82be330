import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** Long enough for a client that is busy to hear, by an answer, that it must connect anew. */
const FAREWELL = 300
const SWEEP_EVERY = 25

/** Ends a server; it may take up to so many milliseconds. */
export type Drain = (grace: number) => Promise<void>

/**
 * Gets a server ready to be ended without cutting an answer short. Its sockets are kept track of by
 * hand: node:http knows only those of which it has read something, and TLS those that have shaken hands.
 */
export function drainable(server: Server): Drain {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  function closeIdle(): void {
    server.closeIdleConnections()
    for (const socket of sockets) {
      if (socket.bytesRead === 0) socket.destroy()
    }
  }

  function cutAll(): void {
    for (const socket of sockets) socket.destroy()
  }

  /** Closing resets whoever sends at that moment, so only those who stay silent are closed. */
  async function bidFarewell(longest: number): Promise<void> {
    for (let waited = 0; waited < longest && sockets.size > 0; waited += SWEEP_EVERY) {
      await wait(SWEEP_EVERY)
    }
  }

  return async function drain(grace) {
    const cut = setTimeout(cutAll, grace)
    await bidFarewell(Math.min(FAREWELL, grace))
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    // A connection that falls idle only now would otherwise keep the process for its idle time.
    const sweep = setInterval(closeIdle, SWEEP_EVERY)
    await closed
    clearInterval(sweep)
    clearTimeout(cut)
  }
}
