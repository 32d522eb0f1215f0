// A certified OpenID Connect server for the tests of signing in:  node server.mjs PORT REDIRECT_URI PEOPLE_FILE
// The file names everybody who can sign in, with their claims, and is read again at every sign-in.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { Provider } from 'oidc-provider';

const [port, redirectUri, peopleFile] = process.argv.slice(2);
const people = () => JSON.parse(readFileSync(peopleFile, 'utf8'));
const secret = () => randomBytes(32).toString('hex');
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: 'takuuvahti',
      client_secret: 'made up for the tests',
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [redirectUri],
    },
  ],
  claims: { openid: ['sub'], email: ['email'], profile: ['name'], groups: ['groups'] },
  // The application reads the identity token alone.
  conformIdTokenClaims: false,
  cookies: { keys: [secret()] },
  features: { devInteractions: { enabled: false } },
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig' }] },
  pkce: { required: () => true },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, id) => (id in people() ? { accountId: id, claims: () => ({ sub: id, ...people()[id] }) } : undefined),
  // The organisation agrees for everybody; a server in use does the same for an application of its own.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope(ctx.oidc.params.scope);
    await grant.save();
    return grant;
  },
});

const body = async (request) => {
  let received = '';
  for await (const piece of request) received += piece;
  return new URLSearchParams(received);
};

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) {
    await next();
  } else if (ctx.method === 'GET') {
    ctx.type = 'html';
    ctx.body = `<!doctype html><title>Provider</title><form method="post">
      <label>Login <input name="login"></label> <button name="do" value="in">Go on</button> <button name="do" value="out">Cancel</button></form>`;
  } else {
    const form = await body(ctx.req);
    const account = form.get('login');
    const result =
      form.get('do') === 'in' && account in people()
        ? { login: { accountId: account } }
        : { error: 'access_denied', error_description: 'End-User aborted interaction' };
    ctx.respond = false;
    await provider.interactionFinished(ctx.req, ctx.res, result);
  }
});

provider.listen(Number(port), 'localhost', () => console.log('ready'));
