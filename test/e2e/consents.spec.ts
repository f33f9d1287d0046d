import { Browser } from '../../demo/browser.ts';
import { eventually } from '../../demo/eventually.ts';
import type { Company } from './company.js';
import { furnish } from './house.js';

interface State {
  readonly state: string;
  readonly counts: { readonly pending: number };
}

describe('A consent', () => {
  const house = furnish();

  afterEach(() => house.portal.control('POST', '/tokens', { rotation: 'daily', graceHours: 0 }));

  const opened = async (name: string): Promise<Company> => {
    const company = await house.company(name);
    await company.welcome();
    await company.invoiced('order-1');
    await company.idle();
    return company;
  };

  const tokens = async (realm: string, action: string): Promise<void> => {
    await house.portal.control('POST', '/tokens', { action, realm });
  };

  const stateOf = async ({ shop }: Company): Promise<State> =>
    (
      await shop.concord.ask<{ connection: State }>(
        'query ($id: ID!) { connection(id: $id) { state counts { pending } } }',
        { id: shop.connection },
      )
    ).connection;

  const grantOf = async ({ shop }: Company): Promise<{ epoch: number; state: string }> => {
    const [grant] = await house.rows<{ epoch: number; state: string }>(
      'select g.epoch, g.state from oauth_grant g join connection c on c.grant_id = g.id where c.id = $1',
      [shop.connection],
    );
    return grant!;
  };

  it(
    'whose access token has run out is renewed once, and the write that met it is carried out',
    house.told(async () => {
      const company = await opened('Expiry');
      const { epoch } = await grantOf(company);
      await tokens(company.realm, 'expireAccess');
      await company.shop.push('invoice', 'order-2', company.order('order-2'));
      await company.shop.booksIdOf('invoice', 'order-2');
      expect(await grantOf(company)).toEqual({ epoch: epoch + 1, state: 'ok' });
      await company.agrees();
      expect(await company.invoices()).toHaveLength(2);
    }),
    100_000,
  );

  it.each([
    ['keeps its refresh token', 'daily'],
    ['gives a new refresh token each time', 'eachUse'],
  ] as const)(
    'whose renewal is answered and the answer lost survives where the provider %s',
    async (_says, rotation) =>
      house.told(async () => {
        await house.portal.control('POST', '/tokens', { rotation, graceHours: 24 });
        const company = await opened(`Lost renewal ${rotation}`);
        await tokens(company.realm, 'dropNextRefreshAnswer');
        await tokens(company.realm, 'expireAccess');
        await company.shop.push('invoice', 'order-2', company.order('order-2'));
        await company.shop.booksIdOf('invoice', 'order-2');
        expect((await grantOf(company)).state).toBe('ok');
        expect((await stateOf(company)).state).toBe('active');
        await company.agrees();
        expect(await company.invoices()).toHaveLength(2);
      })(),
    100_000,
  );

  it(
    'that a person withdraws needs a person: work waits, and goes on after they have connected again',
    house.told(async () => {
      const company = await opened('Withdrawn');
      const { shop, realm } = company;
      const [first] = await company.invoices();
      await tokens(realm, 'revoke');
      await shop.push('invoice', 'order-2', company.order('order-2'));
      await eventually(
        'the connection to need a person',
        async () => (await stateOf(company)).state === 'needs_reconnect' || undefined,
      );
      const problems = await shop.concord.all<{ code: string }>('problems', '', 'code');
      expect(problems).toEqual([{ code: 'access_revoked' }]);
      await shop.push('invoice', 'order-3', company.order('order-3'));
      expect((await stateOf(company)).counts.pending).toBe(2);
      // The bookkeeper's own consent was withdrawn with the others.
      const bookkeeper = company.bookkeeper();
      await bookkeeper.change('Invoice', first!.Id, { PrivateNote: 'said while nobody listened' });
      expect(await company.invoices()).toHaveLength(1);

      const { reconnect } = await shop.concord.ask<{ reconnect: { authorizeUrl: string } }>(
        `mutation ($id: ID!, $home: String!) { reconnect(connection: $id, returnUrl: $home) {
           ... on ConnectInvitation { authorizeUrl } } }`,
        { id: shop.connection, home: `${house.admin.url}/graphql` },
      );
      await house.portal.consentTo(realm);
      const back = await new Browser().consent(reconnect.authorizeUrl, `${house.admin.url}/graphql`);
      await house.portal.consentTo(undefined);
      expect(back.searchParams.get('result')).toBe('connected');
      expect(back.searchParams.get('connection')).toBe(shop.connection);

      await shop.booksIdOf('invoice', 'order-2');
      await shop.booksIdOf('invoice', 'order-3');
      await company.hasMemo('order-1', 'said while nobody listened');
      await company.agrees();
      expect((await stateOf(company)).state).toBe('active');
      expect(await company.invoices()).toHaveLength(3);
    }),
    100_000,
  );
});
