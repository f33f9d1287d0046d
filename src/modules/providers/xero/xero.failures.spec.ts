import fc from 'fast-check';
import type { ProviderExchange } from '../../../domain/provider/index.js';
import type { WireObject } from '../../../domain/provider/mapping/index.js';
import { xero } from './index.js';
import { failureOfElement, outcomeOf } from './xero.failures.js';

const problem = (title: string, detail: string): string =>
  JSON.stringify({ Type: null, Title: title, Status: 401, Detail: detail, Instance: 'x', Extensions: {} });

const refusal = (...messages: string[]): string =>
  JSON.stringify({
    ErrorNumber: 10,
    Type: 'ValidationException',
    Message: 'A validation exception occurred',
    Elements: [
      { ContactID: '00000000-0000-0000-0000-000000000000', ValidationErrors: messages.map((Message) => ({ Message })) },
    ],
  });

const answer = (status: number, body = '', headers: Readonly<Record<string, string>> = {}): ProviderExchange => ({
  status,
  headers,
  body,
});

const failureOf = (exchange: ProviderExchange, purpose: 'read' | 'write') => {
  const outcome = outcomeOf(exchange, purpose);
  return 'failure' in outcome ? outcome.failure : undefined;
};

describe('what a refusal of Xero means', () => {
  it.each([
    [
      'a token that ran out',
      answer(401, problem('Unauthorized', 'TokenExpired: token expired at 08/12/2026')),
      'token_refused',
      'token_refused',
    ],
    [
      'an unknown token',
      answer(401, problem('Unauthorized', 'AuthenticationUnsuccessful')),
      'token_refused',
      'token_refused',
    ],
    [
      'a missing scope',
      answer(401, problem('Unauthorized', 'AuthorizationUnsuccessful')),
      'access_revoked',
      'access_revoked',
    ],
    [
      'a missing scope, as the header spells it',
      answer(401, '', { 'www-authenticate': 'Bearer error="insufficent_scope"' }),
      'access_revoked',
      'access_revoked',
    ],
    [
      'an organisation that is disconnected',
      answer(403, problem('Forbidden', 'AuthenticationUnsuccessful')),
      'access_revoked',
      'access_revoked',
    ],
    [
      'the same in small letters',
      answer(403, '{"title":"Forbidden","detail":"AuthenticationUnsuccessful"}'),
      'access_revoked',
      'access_revoked',
    ],
    ['a permission that the person lacks', answer(403, problem('Forbidden', 'You may not')), 'invalid', 'invalid'],
    ['an unknown id', answer(404, 'The resource you’re looking for cannot be found'), 'gone', 'gone'],
    [
      'a taken name',
      answer(400, refusal('The contact name X is already assigned to another contact.')),
      'duplicate',
      'duplicate',
    ],
    ['a taken number', answer(400, refusal('Invoice # must be unique.')), 'duplicate', 'duplicate'],
    ['a taken code', answer(400, refusal("Price List Item with Code 'X' already exists")), 'duplicate', 'duplicate'],
    [
      'a closed period',
      answer(400, refusal('The document date cannot be before the period lock date')),
      'invalid',
      'invalid',
    ],
    [
      'a key that is used otherwise',
      answer(400, 'Idempotency Key: k is used with a different request.'),
      'lost_answer',
      'lost_answer',
    ],
    [
      'a malformed date',
      answer(400, '{"ErrorNumber":14,"Type":"PostDataInvalidException","Message":"bad date"}'),
      'invalid',
      'invalid',
    ],
    ['an error inside', answer(500, '<html>'), 'unavailable', 'lost_answer'],
    ['a gateway that waits in vain', answer(504), 'unavailable', 'lost_answer'],
    ['an organisation that is offline', answer(503, 'The Organisation is offline'), 'suspended', 'lost_answer'],
    ['a page in place of an answer', answer(200, '<html></html>'), 'unavailable', 'lost_answer'],
    ['a redirect', answer(302), 'unavailable', 'unavailable'],
  ])('%s', (_, exchange, read, write) => {
    expect([failureOf(exchange, 'read')?.is, failureOf(exchange, 'write')?.is]).toEqual([read, write]);
  });

  it.each([
    ['the header’s seconds', { 'retry-after': '26', 'x-rate-limit-problem': 'minute' }, 26_000],
    ['a moment where too many are under way', { 'x-rate-limit-problem': 'Concurrent' }, 1500],
    ['an hour where a day is used up', { 'x-rate-limit-problem': 'day' }, 3_600_000],
    ['a minute for whatever else', { 'x-rate-limit-problem': 'app-minute' }, 60_000],
  ])('too many calls wait for %s', (_, headers, waitMs) => {
    expect(failureOf(answer(429, '', headers), 'write')).toMatchObject({ is: 'rate_limited', waitMs });
  });

  it('an element says what is wrong with it, its lines included, each thing once', () => {
    const element: WireObject = {
      StatusAttributeString: 'ERROR',
      ValidationErrors: [{ Message: 'no' }, { Description: 'never' }],
      LineItems: [{ ValidationErrors: [{ Message: 'no' }] }],
    };
    expect(failureOfElement(element)).toEqual({ is: 'invalid', message: 'no / never' });
    expect(failureOfElement({ StatusAttributeString: 'WARNING', Warnings: [{ Message: 'late' }] })).toBeUndefined();
  });

  it('an edit that somebody’s void came before is looked at again, one that payments forbid is not', () => {
    const said = (...messages: string[]) =>
      failureOfElement({ HasErrors: true, ValidationErrors: messages.map((Message) => ({ Message })) })?.is;
    const status = 'Invoice not of valid status for modification';
    const paid = 'This document cannot be edited as it has a payment or credit note allocated to it.';
    expect([said(status), said(status, paid)]).toEqual(['stale', 'invalid']);
  });

  it('whatever comes back is an outcome', () => {
    const soup = fc.oneof(fc.string(), fc.json(), fc.constantFrom('{"Elements":[null]}', '{"Elements":{}}', '[]'));
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), soup, (status, body) => {
        for (const purpose of ['read', 'write'] as const)
          expect(outcomeOf(answer(status, body), purpose)).toBeDefined();
      }),
    );
  });
});

describe('a refresh that is refused', () => {
  const refused = (status: number, body: string) => xero.oauth.refreshRefused({ status, headers: {}, body });

  it('ends the grant only where the vendor says that the grant is invalid', () => {
    expect(refused(400, '{"error":"invalid_grant"}')).toBe('revoked');
    expect(refused(400, '{"error":"invalid_client"}')).toBe('unavailable');
    expect(refused(401, '{"error":"invalid_client"}')).toBe('unavailable');
    expect(refused(429, '')).toBe('unavailable');
    expect(refused(500, '{"error":"invalid_grant"}')).toBe('unavailable');
  });
});
