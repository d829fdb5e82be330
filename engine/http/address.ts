import { BlockList, isIP } from 'node:net'

/** Says which address a request comes from, given the peer's and what `X-Forwarded-For` tells. */
export type AddressReader = (peer: string, forwardedFor: string | undefined) => string

/**
 * Believes `X-Forwarded-For` only as far as trusted proxies have written it: from the right, the
 * first address that is not one of theirs.
 *
 * @param trustedProxies addresses or networks: `10.0.0.0/8`, `::1`
 */
export function addressReader(trustedProxies: readonly string[]): AddressReader {
  if (trustedProxies.length === 0) return (peer) => plain(peer)
  const trusted = blockList(trustedProxies)

  return function readAddress(peer, forwardedFor) {
    let address = plain(peer)
    const hops = forwardedFor?.split(',') ?? []
    while (contains(trusted, address)) {
      const hop = plain(hops.pop()?.trim() ?? '')
      if (isIP(hop) === 0) break
      address = hop
    }
    return address
  }
}

/** Whether it can stand in `trustedProxies`. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

export function isLoopback(address: string): boolean {
  const host = plain(address)
  return host === '::1' || host === 'localhost' || (isIP(host) === 4 && host.startsWith('127.'))
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    if (bits === undefined) list.addAddress(address, family(address))
    else list.addSubnet(address, Number(bits), family(address))
  }
  return list
}

function contains(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, family(address))
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

/** A dual-stack socket shows an IPv4 peer as `::ffff:192.0.2.1`. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
