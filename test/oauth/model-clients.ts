import { expect } from 'chai'
import fc from 'fast-check'
import type { Client } from '../../oauth/records.ts'
import { RegistrationError } from '../../oauth/registration.ts'
import type { ModelClient } from './model.ts'
import { type Command, command, pick, pickMaybe, place, type Real } from './model-command.ts'

/** What happens to clients and their secrets. */
export function clientCommands(): fc.Arbitrary<Command>[] {
  return [
    command('enable', [place, fc.boolean()], async (model, real, which, enabled) => {
      const client = pick(model.clients, which)
      const changed = await real.registry.setEnabled(client.id, enabled)
      expect(changed !== undefined).to.equal(client.present)
      if (client.present) client.enabled = enabled
    }),
    command('remove client', [place], async (model, real, which) => {
      const client = pick(model.clients, which)
      expect(await real.registry.remove(client.id)).to.equal(client.present)
      model.endClient(client)
      client.present = false
      client.secrets = []
    }),
    command('register', [place], async (model, real, which) => {
      const client = pick(model.clients, which)
      const secret = drawSecret(client, real)
      const outcome = await real.registry.register(registrationOf(client, secret)).catch(codeOf)
      if (client.present) expect(outcome).to.equal('client_exists')
      else renew(client, secret)
    }),
    command('replace client', [place], async (model, real, which) => {
      const client = pick(model.clients, which)
      const secret = drawSecret(client, real)
      await real.registry.replace(registrationOf(client, secret))
      model.endClient(client)
      renew(client, secret)
    }),
    command('export client', [place], async (model, real, which) => {
      const client = pick(model.clients, which)
      const record = await real.registry.find(client.id)
      const { enabled } = client
      const secrets = client.secrets.map((secret) => ({ ...secret }))
      if (record) real.exportedClients.push({ of: client, record, secrets, enabled })
    }),
    command('restore client', [place], async (model, real, which) => {
      const exported = pickMaybe(real.exportedClients, which)
      if (!exported) return
      await real.registry.restore(exported.record)
      model.endClient(exported.of)
      exported.of.present = true
      exported.of.enabled = exported.enabled
      exported.of.secrets = exported.secrets.map((secret) => ({ ...secret }))
    }),
    command(
      'add secret',
      [place, fc.constantFrom(undefined, 30, 600), fc.constantFrom(undefined, 10, 600)],
      async (model, real, which, ends, othersEnd) => {
        const client = pick(model.clients, which)
        const secret = drawSecret(client, real) ?? 'no-secret-for-public-clients'
        const until = (seconds: number | undefined) =>
          seconds === undefined ? undefined : model.now + seconds * 1000
        const outcome = await real.registry
          .addSecret(client.id, {
            secret,
            until: until(ends),
            othersUntil: until(othersEnd),
          })
          .catch(codeOf)
        const valid = client.secrets.filter((other) => model.now < other.until)
        const isRefused = client.isPublic || valid.length >= 5
        const refusal = client.present ? 'invalid_client_metadata' : undefined
        if (!client.present || isRefused) return void expect(outcome).to.equal(refusal)
        for (const other of client.secrets) {
          other.until = Math.min(other.until, until(othersEnd) ?? Infinity)
        }
        client.secrets.push({ text: secret, until: until(ends) ?? Infinity })
      },
    ),
  ]
}

function registrationOf({ id, application, isPublic }: ModelClient, secret: string | undefined) {
  const type: Client['type'] = isPublic ? 'public' : 'confidential'
  return { clientId: id, applicationId: application, type, secret }
}

function renew(client: ModelClient, secret: string | undefined): void {
  client.present = true
  client.enabled = true
  client.secrets = secret === undefined ? [] : [{ text: secret, until: Infinity }]
}

function drawSecret(client: ModelClient, real: Real): string | undefined {
  real.drawn += 1
  return client.isPublic ? undefined : `secret-number-${real.drawn}`
}

function codeOf(error: unknown): string {
  if (error instanceof RegistrationError) return error.code
  throw error
}
