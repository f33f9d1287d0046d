import { answered } from '../../../../src/domain/provider/index.js';
import { failureOf, Bench } from '../bench.js';
import { authenticated, giveConsent } from '../consent.js';
import { sendOver } from '../http.js';
import { Line } from '../line.js';
import type { Promises } from './grounds.js';

export const consenting: Promises = (trial, grounds) => {
  const { definition } = trial;

  describe('a consent', () => {
    it('reaches the company that the person chose, and tells its name', async () => {
      const { stand } = grounds();
      for (const company of stand.companies) {
        const { companies } = await giveConsent(definition, stand, company);
        const [own] = companies.filter(({ id }) => id === company.id);
        expect(own?.name).toMatch(/\S/);
      }
    });

    it('brings tokens that work, and are renewed before they end and after they were refused', async () => {
      const { stand, clock } = grounds();
      const bench = await Bench.open(trial, stand, stand.spare, clock);
      const look = () => bench.see('company', stand.spare.id);
      await look();
      const before = bench.line.tokens;
      expect((await bench.line.refresh()).status).toBe(200);
      expect(bench.line.tokens.accessToken).not.toBe(before.accessToken);
      await look();
      clock.pass((bench.line.tokens.accessExpiresIn + 60) * 1000);
      await look();
    });

    it('does not open other companies', async () => {
      const { stand, clock, first } = grounds();
      const { tokens, companies } = await giveConsent(definition, stand, stand.spare);
      const reached = new Set(companies.map(({ id }) => id));
      const other = [...stand.companies, stand.past].find(({ id }) => !reached.has(id))!;
      const line = new Line(definition, stand.settings, other.id, tokens, clock);
      line.features = first.line.features;
      const adapter = definition.connect(line);
      const [seen] = await adapter.observe([{ candidates: ['company'], id: other.id }]);
      expect(seen).toMatchObject({ found: 'unreadable', failure: { is: 'access_revoked' } });
      expect(await failureOf(() => adapter.list('account', undefined))).toMatchObject({ is: 'access_revoked' });
    });

    it('ends when it is given back, and a refresh then says that it is over', async () => {
      const { stand, clock } = grounds();
      const bench = await Bench.open(trial, stand, stand.spare, clock);
      const { oauth } = definition;
      const url = oauth.revocationUrl(stand.settings);
      if (url === undefined) return;
      const revocation = oauth.revocation(bench.line.tokens.refreshToken ?? '');
      const form = authenticated(definition, stand.settings, revocation);
      const answer = await sendOver({ url, method: 'POST', ...form });
      expect(answered(answer) && answer.status).toBe(200);
      const renewal = await bench.line.refresh();
      expect([renewal.status === 200, oauth.refreshRefused(renewal)]).toEqual([false, 'revoked']);
      const [seen] = await bench.look('company', [stand.spare.id]);
      expect(seen).toMatchObject({ found: 'unreadable', failure: { is: 'access_revoked' } });
    });
  });
};
