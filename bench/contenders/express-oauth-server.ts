import { createServer } from 'node:http'
import OAuthServer from '@node-oauth/express-oauth-server'
import type { Client, Token, User } from '@node-oauth/oauth2-server'
import express from 'express'
import { announce } from './announce.ts'
import { LIFETIME, SAMPLE_APP, SECRET } from './credentials.ts'

const tokens = new Map<string, Token>()
const scopes = ['read', 'write']

const oauth = new OAuthServer({
  accessTokenLifetime: LIFETIME,
  model: {
    async getClient(id: string, secret: string) {
      return id === SAMPLE_APP && secret === SECRET && { id, grants: ['client_credentials'] }
    },
    async getUserFromClient({ id }: { id: string }) {
      return { id }
    },
    async validateScope(_user: unknown, _client: unknown, requested: string[] = ['read']) {
      return requested.every((scope) => scopes.includes(scope)) && requested
    },
    async saveToken(token: Token, client: Client, user: User) {
      const saved = { ...token, client, user }
      tokens.set(token.accessToken, saved)
      return saved
    },
    async getAccessToken(text: string) {
      return tokens.get(text)
    },
  },
})

const app = express()
app.use(express.urlencoded({ extended: false }))
app.post('/oauth/token', oauth.token())
announce(createServer(app))
