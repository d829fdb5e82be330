import { EventEmitter } from 'node:events'

/** A storage adapter as others write them for Keyv: a class that is given a url. `broken:` never works. */
export default class ForeignAdapter extends EventEmitter {
  readonly opts: { readonly url?: string }
  readonly #texts = new Map<string, string>()

  constructor(url?: string) {
    super()
    this.opts = url === undefined ? {} : { url }
  }

  async get(key: string): Promise<string | undefined> {
    this.#requireWorking()
    return this.#texts.get(key)
  }

  async set(key: string, text: string): Promise<void> {
    this.#requireWorking()
    this.#texts.set(key, text)
  }

  async delete(key: string): Promise<boolean> {
    this.#requireWorking()
    return this.#texts.delete(key)
  }

  async clear(): Promise<void> {
    this.#texts.clear()
  }

  #requireWorking(): void {
    if (this.opts.url === 'broken:') throw new Error('the server has gone away')
  }
}
