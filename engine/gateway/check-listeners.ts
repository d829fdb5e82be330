import { isLoopback, isNetwork } from '../http/address.ts'
import { isEverywhere } from '../http/listener.ts'
import type { Finding } from '../policy/finding.ts'
import { pointTo } from '../policy/pointer.ts'
import type { GatewayConfig } from './config.ts'

/** Finds listeners that cannot be opened, or should not be. */
export function checkListeners(config: GatewayConfig): readonly Finding[] {
  return [
    ...badUrls(config),
    ...badNetworks(config),
    ...sharedPorts(config),
    ...exposedSamples(config),
  ]
}

/** What else a URL may hold, such as a user or a space, would stand in every link that is made of it. */
function badUrls(config: GatewayConfig): readonly Finding[] {
  return Object.entries(config.listeners).flatMap(([name, { url }]) => {
    if (url === undefined) return []
    const origin = URL.canParse(url) ? new URL(url).origin : undefined
    if (origin === url) return []
    return config.finding('bad-setting', {
      pointer: pointTo('/listeners', name, 'url'),
      message: 'the url is not just a scheme, a host and perhaps a port, written in the usual way',
      remedy: `write ${origin ?? 'it like https://auth.example.com'}`,
    })
  })
}

function badNetworks(config: GatewayConfig): readonly Finding[] {
  return Object.entries(config.listeners).flatMap(([name, { trustedProxies }]) =>
    trustedProxies.flatMap((proxy, index) =>
      isNetwork(proxy)
        ? []
        : config.finding('bad-setting', {
            pointer: pointTo('/listeners', name, 'trustedProxies', index),
            message: `"${proxy}" is no address and no network`,
            remedy: 'write an IP address, or a network such as 10.0.0.0/8',
          }),
    ),
  )
}

function sharedPorts(config: GatewayConfig): readonly Finding[] {
  const listeners = Object.entries(config.listeners).filter(([, { port }]) => port !== 0)
  return listeners.flatMap(([name, { host, port }], index) => {
    const other = listeners
      .slice(0, index)
      .find(([, before]) => before.port === port && overlap(before.host, host))
    if (!other) return []
    return config.finding('bad-setting', {
      pointer: pointTo('/listeners', name, 'port'),
      message: `the listeners "${other[0]}" and "${name}" have the same port`,
      remedy: `set ${config.settingFor(pointTo('/listeners', name, 'port'))} to another`,
    })
  })
}

function overlap(one: string, other: string): boolean {
  return one === other || isEverywhere(one) || isEverywhere(other)
}

/** Credentials that everybody knows must not be within everybody's reach. */
function exposedSamples(config: GatewayConfig): readonly Finding[] {
  if (config.sampleData === undefined) return []
  return Object.entries(config.listeners).flatMap(([name, { host }]) =>
    isLoopback(host)
      ? []
      : config.finding('exposed-sample-data', {
          pointer: pointTo('/listeners', name, 'host'),
          message: `the listener "${name}" can be reached from outside while sample credentials are loaded`,
          remedy: 'remove "sampleData", or listen on 127.0.0.1',
        }),
  )
}
