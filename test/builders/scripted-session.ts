import type { ProviderExchange, ProviderRequest, Session } from '../../src/domain/provider/index.js';

export type ScriptedSession = Session & { readonly requests: readonly ProviderRequest[] };

/** A line to a company whose answers the test gives, and which keeps what was asked. */
export const scriptedSession = (
  answer: (request: ProviderRequest, index: number) => ProviderExchange,
  company: Partial<Pick<Session, 'company' | 'features' | 'baseCurrency' | 'now'>> = {},
): ScriptedSession => {
  const requests: ProviderRequest[] = [];
  return {
    company: '9130001112223334',
    features: {},
    baseCurrency: 'USD',
    now: () => new Date('2026-02-03T17:20:00Z'),
    ...company,
    requests,
    send: (request) => {
      requests.push(request);
      return Promise.resolve(answer(request, requests.length - 1));
    },
  };
};

/** An answer with a JSON body; a text is sent as it is. */
export const answerWith = (
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json;charset=UTF-8' },
): ProviderExchange => ({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
