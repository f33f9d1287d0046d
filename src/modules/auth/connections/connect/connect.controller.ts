import { Controller, Get, Logger, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Metrics } from '../../../../platform/metrics/index.js';
import { told } from '../../../../platform/log/index.js';
import { ProviderRegistry } from '../../../providers/index.js';
import { Arrivals, type ArrivalResult } from './arrivals.js';
import { BrowserCookie } from './browser-cookie.js';
import { confirmPage, deadEndPage } from './connect-page.js';
import { type Consent, Consents } from './consents.js';
import { Journeys, type TicketSight } from './journeys.js';
import { withResult } from './return-urls.js';
import type { Ticket } from './ticket.js';

/** The pages through which a person's browser goes to a provider and comes back. */
@Controller('connect')
export class ConnectController {
  private readonly logger = new Logger('connect');
  private readonly results;

  constructor(
    private readonly registry: ProviderRegistry,
    private readonly journeys: Journeys,
    private readonly consents: Consents,
    private readonly arrivals: Arrivals,
    private readonly cookie: BrowserCookie,
    metrics: Metrics,
  ) {
    this.results = metrics.counter('concord_connects_total', 'Journeys to a provider, by how they ended.', [
      'provider',
      'result',
    ]);
  }

  @Get(':ticket')
  async show(@Param('ticket') secret: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const sight = await this.journeys.look(secret, this.cookie.of(request));
    if (sight.is !== 'good') return this.turnAway(response, sight);
    const { ticket, tenant } = sight;
    response.type('html').send(
      confirmPage({
        provider: this.registry.of(ticket.provider).title,
        tenant: tenant.name,
        person: personOf(ticket.actor),
        reconnects: ticket.connection !== undefined,
        cancel: withResult(ticket.returnUrl, 'denied'),
      }),
    );
  }

  @Post(':ticket')
  async confirm(@Param('ticket') secret: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    if (!isFromOurPage(request)) {
      this.deadEnd(response, 403, 'That did not come from our page', 'Go back to the page and press its button.');
      return;
    }
    const browser = this.cookie.give(request, response);
    const sight = await this.journeys.confirm(secret, browser);
    if (sight.is !== 'good') return this.turnAway(response, sight);
    await this.consents.leave(request, response, sight.ticket, browser);
  }

  @Get('callback/:provider')
  async callback(@Param('provider') name: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const consent: Consent = this.consents.serves(name)
      ? await this.consents.receive(request, response, name, this.cookie.of(request))
      : { is: 'unknown' };
    if (consent.is === 'unknown') return this.turnAway(response, consent);
    const { result, connections } = await this.end(consent, request);
    this.results.inc({ provider: consent.ticket.provider, result });
    response.redirect(303, withResult(consent.ticket.returnUrl, result, connections));
  }

  private async end(consent: Exclude<Consent, { is: 'unknown' }>, { query }: Request): Promise<ArrivalResult> {
    switch (consent.is) {
      case 'expired':
      case 'invalid':
        return { result: consent.is, connections: [] };
      case 'denied':
      case 'failed':
        return this.arrivals.inVain(consent.ticket, consent.is);
      case 'given':
        try {
          return await this.arrivals.withTokens(consent.ticket, consent.tokens, textsOf(query));
        } catch (error) {
          this.logger.error(`ticket ${consent.ticket.id}: ${told(error)}`);
          return { result: 'failed', connections: [] };
        }
    }
  }

  private turnAway(response: Response, sight: Exclude<TicketSight, { is: 'good' }>): void {
    if (sight.is === 'unknown') {
      const text = 'It is not complete, or it is too old. Start again from the app that sent you here.';
      this.deadEnd(response, 404, 'This link leads nowhere', text);
      return;
    }
    response.redirect(303, withResult(sight.ticket.returnUrl, sight.is));
  }

  private deadEnd(response: Response, status: number, title: string, text: string): void {
    response.status(status).type('html').send(deadEndPage(title, text));
  }
}

/** A person as the page may name them; keys have no name that says anything to anybody. */
const personOf = (actor: Ticket['actor']): string | undefined =>
  /^(?:connect|finance|support):(.+)$/su.exec(actor)?.[1];

/** Another site cannot make a browser confirm a journey. Old browsers say where they come from, new ones how near it is. */
const isFromOurPage = ({ headers }: Request): boolean => {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
};

/** Parameters that occur once; a provider repeats none, and only an attacker does. */
const textsOf = (query: Request['query']): Record<string, string> =>
  Object.fromEntries(Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
