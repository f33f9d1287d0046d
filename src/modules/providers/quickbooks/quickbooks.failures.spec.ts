import fc from 'fast-check';
import type { ProviderExchange, ProviderFailure, ProviderResponse } from '../../../domain/provider/index.js';
import { answerWith } from '../../../../test/builders/scripted-session.js';
import { isTokenRefused, namedIn, outcomeOf, type Purpose } from './quickbooks.failures.js';

const fault = (code: string, type = 'ValidationFault', detail = 'Because.', element = '') => ({
  Fault: { Error: [{ Message: 'No', Detail: detail, code, element }], type },
  time: '2026-02-03T09:14:05.481-08:00',
});

const gateway = (code: string, type: string) => ({
  warnings: null,
  fault: { error: [{ message: `errorCode=${code}`, detail: 'Token expired', code, element: null }], type },
  queryResponse: null,
  batchItemResponse: [],
  time: 1767323045123,
});

const throttledXml =
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse time="2026-02-03T09:14:05.481-08:00" ' +
  'xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="3001"><Message>message=ThrottleExceeded; ' +
  'errorCode=003001; statusCode=429</Message><Detail>The request limit was reached.  Try again later</Detail></Error></Fault></IntuitResponse>';

const failure = (exchange: ProviderExchange, purpose: Purpose): ProviderFailure | undefined => {
  const outcome = outcomeOf(exchange, purpose);
  return 'failure' in outcome ? outcome.failure : undefined;
};

describe('what a refusal means', () => {
  it.each<[string, ProviderExchange, ProviderFailure['is'], ProviderFailure['is']]>([
    // what came back, and what it means for a read and for a write
    [
      'an expired token, in the gateway’s small letters',
      answerWith(gateway('3200', 'AUTHENTICATION'), 401),
      'token_refused',
      'token_refused',
    ],
    [
      'the same code with zeros in front',
      answerWith(gateway('003200', 'AUTHENTICATION'), 401),
      'token_refused',
      'token_refused',
    ],
    [
      'the older authentication fault',
      answerWith(fault('100', 'AuthenticationFault'), 401),
      'token_refused',
      'token_refused',
    ],
    ['401 without a body', answerWith('', 401), 'token_refused', 'token_refused'],
    ['a token of another company', answerWith(gateway('3100', 'SERVICE'), 403), 'access_revoked', 'access_revoked'],
    [
      'a person who lost the right',
      answerWith(fault('120', 'AuthorizationFault'), 401),
      'access_revoked',
      'access_revoked',
    ],
    ['an unknown company', answerWith(fault('', 'SERVICE'), 404), 'access_revoked', 'access_revoked'],
    ['too many requests, in XML', answerWith(throttledXml, 429), 'rate_limited', 'rate_limited'],
    ['too many requests, in XML with the older status', answerWith(throttledXml, 403), 'rate_limited', 'rate_limited'],
    ['too many requests, in JSON', answerWith(gateway('003001', 'SERVICE'), 429), 'rate_limited', 'rate_limited'],
    ['429 with a page', answerWith('<html>slow down</html>', 429), 'rate_limited', 'rate_limited'],
    ['a stale version', answerWith(fault('5010'), 400), 'stale', 'stale'],
    ['a record that is gone', answerWith(fault('610'), 400), 'gone', 'gone'],
    ['a name that is taken', answerWith(fault('6240'), 400), 'duplicate', 'duplicate'],
    ['a number that is taken', answerWith(fault('6140'), 400), 'duplicate', 'duplicate'],
    ['a lapsed subscription', answerWith(fault('6190'), 403), 'suspended', 'suspended'],
    ['a damaged row', answerWith(fault('4002'), 400), 'unreadable', 'unreadable'],
    ['a missing parameter', answerWith(fault('2020'), 400), 'invalid', 'invalid'],
    ['a rule of business', answerWith(fault('6000'), 400), 'invalid', 'invalid'],
    ['a closed period', answerWith(fault('6210'), 400), 'invalid', 'invalid'],
    ['a feature that the plan lacks', answerWith(fault('5020'), 403), 'invalid', 'invalid'],
    ['a fault in an answer of success', answerWith(fault('2020'), 200), 'invalid', 'invalid'],
    ['a key that was used for something else', answerWith(fault('600'), 400), 'unavailable', 'lost_answer'],
    ['a server that failed, in words', answerWith(fault('10000', 'SystemFault'), 500), 'unavailable', 'lost_answer'],
    [
      'a system fault in an answer of success',
      answerWith(fault('10000', 'SystemFault'), 200),
      'unavailable',
      'lost_answer',
    ],
    ['a gateway’s page', answerWith('<html>Bad gateway</html>', 502), 'unavailable', 'lost_answer'],
    ['a page in place of an answer', answerWith('<html>Sign in</html>', 200), 'unavailable', 'lost_answer'],
    ['half an answer', answerWith('{"Invoice":{"Id":"1', 200), 'unavailable', 'lost_answer'],
    ['nobody there', { unanswered: 'not_sent', message: 'refused' }, 'unavailable', 'unavailable'],
    ['a line that was cut', { unanswered: 'maybe_sent', message: 'reset' }, 'unavailable', 'lost_answer'],
    ['403 with a page', answerWith('<html>Forbidden</html>', 403), 'unavailable', 'unavailable'],
    ['a body of the wrong type', answerWith('', 415), 'invalid', 'invalid'],
  ])('%s', (_, exchange, read, write) => {
    expect(failure(exchange, 'read')?.is).toBe(read);
    expect(failure(exchange, 'write')?.is).toBe(write);
  });

  it('a success is its body', () => {
    expect(outcomeOf(answerWith({ Invoice: { Id: '1' } }), 'write')).toEqual({ body: { Invoice: { Id: '1' } } });
  });

  it('tells people the vendor’s own words, its code and the field', () => {
    expect(failure(answerWith(fault('2050', 'ValidationFault', 'Min:0 Max:21', 'DocNumber'), 400), 'write')).toEqual({
      is: 'invalid',
      message: 'No: Min:0 Max:21',
      code: '2050',
      field: 'DocNumber',
    });
  });

  it('of several faults the one that says what to do speaks first, and all are told', () => {
    const both = {
      Fault: { Error: [fault('2020').Fault.Error[0], fault('5010').Fault.Error[0]], type: 'ValidationFault' },
    };
    expect(failure(answerWith(both, 400), 'write')).toMatchObject({
      is: 'stale',
      message: 'No: Because. / No: Because.',
    });
  });

  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': 'Tue, 03 Feb 2026 17:15:05 GMT', date: 'Tue, 03 Feb 2026 17:14:05 GMT' }, 60_000],
    [{ 'retry-after': 'soon' }, 60_000],
    [{}, 60_000],
  ])('waits as long as the answer says, else the minute that the vendor advises: %p', (headers, waitMs) => {
    expect(failure(answerWith(throttledXml, 429, headers), 'read')).toMatchObject({ is: 'rate_limited', waitMs });
  });

  it('takes as it is what kept a request from being sent', () => {
    const held = { is: 'rate_limited', waitMs: 1500, message: 'no room' } as const;
    expect(outcomeOf({ held }, 'write')).toEqual({ failure: held });
  });

  it('knows a refused token from a lost right', () => {
    expect(isTokenRefused(answerWith(gateway('3200', 'AUTHENTICATION'), 401) as ProviderResponse)).toBe(true);
    expect(isTokenRefused(answerWith(fault('120'), 401) as ProviderResponse)).toBe(false);
    expect(isTokenRefused(answerWith({ Invoice: {} }) as ProviderResponse)).toBe(false);
  });

  it('finds the ids that a refusal names, of the same entity only', () => {
    const text = 'DocNumber=1041 is assigned to TxnType=Invoice with TxnId=183 and TxnType=CreditMemo with TxnId=9';
    expect(namedIn(text, 'Invoice')).toEqual(['183']);
    expect(namedIn('This number has already been used.', 'Invoice')).toEqual([]);
  });

  it('never throws, whatever comes back', () => {
    const bodies = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.json().map((json) => `{"Fault":${json},"fault":${json}}`),
      fc.json().map((json) => `{"Fault":{"Error":[${json}],"type":${json}}}`),
      fc
        .string()
        .map(
          (text) =>
            `<IntuitResponse><Fault type="${text}"><Error code="${text}">${text}</Error></Fault></IntuitResponse>`,
        ),
      fc.constant(`${'['.repeat(100_000)}`),
    );
    fc.assert(
      fc.property(
        bodies,
        fc.integer({ min: 100, max: 599 }),
        fc.constantFrom<Purpose>('read', 'write'),
        (body, status, purpose) => {
          const outcome = outcomeOf({ status, headers: {}, body }, purpose);
          expect('body' in outcome || typeof outcome.failure.message === 'string').toBe(true);
        },
      ),
      { numRuns: Number(process.env.FC_RUNS ?? 500) },
    );
  });
});
