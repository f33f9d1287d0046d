import { answerWith, scriptedSession } from '../../../../test/builders/scripted-session.js';
import { isIn, QuickBooksClient, quoted, statementOf } from './quickbooks.client.js';

describe('values in a query', () => {
  it.each([
    ["O'Neil", String.raw`'O\'Neil'`],
    ['back\\slash', String.raw`'back\\slash'`],
    ["\\' or Id > '0", String.raw`'\\\' or Id > \'0'`],
    ['100 %', "'100 %'"],
    ['', "''"],
  ])('%p is quoted as %s', (value, text) => {
    expect(quoted(value)).toBe(text);
  });

  it('stand in a list', () => {
    expect(isIn('DisplayName', ["O'Neil", 'B'])).toBe(String.raw`DisplayName in ('O\'Neil', 'B')`);
  });
});

describe('a query', () => {
  it('asks for whole pages in the order it is told', () => {
    expect(
      statementOf({ entity: 'Item', where: ['Active in (true, false)', "Id = '1'"], order: 'Id', start: 991 }),
    ).toBe(
      "select * from Item where Active in (true, false) and Id = '1' orderby Id startposition 991 maxresults 1000",
    );
  });

  it('goes in the address, with the minor version and a wish for JSON', async () => {
    const session = scriptedSession(() => answerWith({ QueryResponse: {} }));
    expect(await new QuickBooksClient(session).query({ entity: 'Term' })).toEqual([]);
    expect(session.requests).toEqual([
      {
        method: 'GET',
        path: '/v3/company/9130001112223334/query',
        query: { query: 'select * from Term maxresults 1000', minorversion: '75' },
        headers: { accept: 'application/json' },
        label: 'query Term',
        deadlineMs: 120_000,
      },
    ]);
  });

  it('is posted when it is long', async () => {
    const session = scriptedSession(() => answerWith({ QueryResponse: {} }));
    const ids = Array.from({ length: 200 }, (_, at) => `${9_007_199_254_740_000 + at}`);
    await new QuickBooksClient(session).query({ entity: 'Invoice', where: [isIn('Id', ids)] });
    expect(session.requests[0]).toMatchObject({
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/text' },
      body: statementOf({ entity: 'Invoice', where: [isIn('Id', ids)] }),
    });
  });
});

describe('several questions', () => {
  const rows = (entity: string, id: string) => ({
    QueryResponse: { [entity]: [{ Id: id, SyncToken: '0' }], maxResults: 1 },
  });

  it('share a call, and their answers are told apart whatever their order', async () => {
    const session = scriptedSession(() =>
      answerWith({
        BatchItemResponse: [
          { ...rows('Vendor', '41'), bId: '2' },
          { Fault: { Error: [{ Message: 'No', Detail: '', code: '4001' }], type: 'ValidationFault' }, bId: '3' },
          { ...rows('Customer', '58'), bId: '1' },
        ],
      }),
    );
    const answers = await new QuickBooksClient(session).queries([
      { entity: 'Customer' },
      { entity: 'Vendor' },
      { entity: 'Employee' },
      { entity: 'Term' },
    ]);
    expect(session.requests).toHaveLength(1);
    expect(session.requests[0]).toMatchObject({ method: 'POST', draws: ['batch'] });
    expect(answers).toMatchObject([
      { rows: [{ Id: '58' }] },
      { rows: [{ Id: '41' }] },
      { failure: { is: 'invalid', code: '4001' } },
      { failure: { is: 'unavailable' } },
    ]);
  });

  it('go in calls of thirty', async () => {
    const session = scriptedSession((request) => {
      const { BatchItemRequest } = JSON.parse(request.body!) as { BatchItemRequest: { bId: string }[] };
      return answerWith({ BatchItemResponse: BatchItemRequest.map(({ bId }) => ({ bId, QueryResponse: {} })) });
    });
    const answers = await new QuickBooksClient(session).queries(
      Array.from({ length: 31 }, () => ({ entity: 'Invoice' })),
    );
    expect(answers).toHaveLength(31);
    // The thirty-first shares a batch with nobody, and is a batch all the same: it was one of several.
    expect(session.requests.map(({ label }) => label)).toEqual(['batch query', 'batch query']);
  });
});

describe('an answer in a shape that nobody knows', () => {
  it.each([
    ['rows that are no list', { QueryResponse: { Term: { Id: '1' } } }],
    ['a row without an id', { QueryResponse: { Term: [{ Name: 'Net 30' }] } }],
    ['no answer at all', { time: '2026-02-03T09:14:05.481-08:00' }],
  ])('is a failure and no empty list: %s', async (_, body) => {
    const client = new QuickBooksClient(scriptedSession(() => answerWith(body)));
    await expect(client.query({ entity: 'Term' })).rejects.toMatchObject({ failure: { is: 'unreadable' } });
  });
});
