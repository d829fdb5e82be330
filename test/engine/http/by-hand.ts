import { connect } from 'node:net'
import type { Handler } from '../../../engine/http/handler.ts'
import type { ListenerOptions } from '../../../engine/http/listener.ts'
import { recorder } from './demo.ts'

export const GRACE = 5000
export const limits = { headers: 2048, headersTime: 5000, requestTime: 5000, idleTime: 60_000 }

export const listenerOptions = (more: Partial<ListenerOptions> = {}): ListenerOptions => ({
  ...{ name: 'traffic', host: '127.0.0.1', port: 0, portSetting: 'SALLYPORT_TRAFFIC_PORT' },
  ...{ limits, log: recorder().log },
  ...more,
})

export const hello: Handler = (_request, response) => response.end('hello')

/** A connection that is written to by hand, and keeps what it reads. */
export async function openByHand(port: number) {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  // A connection may be reset when it is cut off.
  socket.on('error', () => {})
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)))
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  return {
    closed,
    write: (data: string | Buffer) => socket.write(data),
    end: () => socket.end(),
    /** Waits for the words, and forgets what came up to them. */
    async reads(words: string): Promise<void> {
      await until(() => text.includes(words) || socket.closed)
      if (!text.includes(words)) throw new Error(`closed after: ${text}`)
      text = text.slice(text.indexOf(words) + words.length)
    },
  }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

export async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it did not fail')
}
