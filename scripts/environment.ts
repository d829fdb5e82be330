/** The environment variables that `sallyport` reads; a house test compares them with the source. */
export const ENVIRONMENT: readonly {
  readonly name: string
  readonly byDefault?: string
  readonly description: string
}[] = [
  {
    name: 'SALLYPORT_CONFIG',
    description: 'Path of the `gateway.json`; by default that of the quickstart.',
  },
  {
    name: 'SALLYPORT_DATA',
    byDefault: './data',
    description:
      'The folder of the embedded store, and of the admin secret that a first start makes.',
  },
  {
    name: 'SALLYPORT_KEYS',
    byDefault: './keys',
    description: 'The folder of the key ring, made at the first start.',
  },
  {
    name: 'SALLYPORT_ADMIN_SECRET',
    description:
      'The password of `admin` on the management port; without it, the one kept in `SALLYPORT_DATA`.',
  },
  {
    name: 'SALLYPORT_TRAFFIC_PORT',
    byDefault: '8080',
    description: 'The port of the quickstart for clients; 0 takes any that is free.',
  },
  {
    name: 'SALLYPORT_MANAGEMENT_PORT',
    byDefault: '8089',
    description: 'The port of the quickstart for management and health; 0 takes any that is free.',
  },
  {
    name: 'NODE_ENV',
    description: '`production` refuses a gateway with sample data.',
  },
]
