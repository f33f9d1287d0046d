import { BROWSER_ROLES } from './browser-tokens.js';
import { mayDo, type Operation, OPERATIONS_OF_ROLES } from './permissions.js';
import { type Role, ROLES } from './principal.js';

const OPERATIONS = Object.keys(OPERATIONS_OF_ROLES) as Operation[];
const whoMay = (operation: string): Role[] => ROLES.filter((role) => mayDo(role, operation));

test.each([
  ...['dropEverything', '', 'Conflict', 'conflict ', '__schema'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'],
])('what does not stand in the table may nobody: "%s"', (operation) => expect(whoMay(operation)).toEqual([]));

test('a role that there is not may nothing', () => {
  for (const operation of OPERATIONS) expect(mayDo('owner' as Role, operation)).toBe(false);
});

test('an administrator may do everything that stands in the table', () => {
  for (const operation of OPERATIONS) expect(mayDo('admin', operation)).toBe(true);
});

test.each<Operation>([
  ...(['createTenant', 'deleteTenant', 'createApiKey', 'revokeApiKey', 'apiKeys'] as const),
  ...(['grantSupport', 'endSupport', 'supportGrants'] as const),
])('%s is for administrators alone', (operation) => expect(whoMay(operation)).toEqual(['admin']));

test('only the SaaS backend pushes records, follows their changes and lets people in', () => {
  for (const operation of ['upsertRecords', 'deleteRecord', 'changes', 'createBrowserToken']) {
    expect(whoMay(operation)).toEqual(['app', 'admin']);
  }
});

test('only people of finance decide conflicts, set policies and say which records are the same', () => {
  const decisions = ['decideConflict', 'decideConflicts', 'setPolicy', 'clearPolicy', 'setGranularity'];
  for (const operation of [...decisions, 'linkRecords', 'unlinkRecords', 'approveMatches']) {
    expect(whoMay(operation)).toEqual(['finance', 'admin']);
  }
});

test('support reads and changes nothing', () => {
  expect(OPERATIONS.filter((operation) => mayDo('support', operation)).sort()).toEqual([
    ...['conflict', 'conflictRaised', 'conflicts', 'connection', 'connectionChanged', 'connections', 'policies'],
    ...['problems', 'providers', 'record', 'recordChanged', 'recordHistory', 'records', 'run', 'runProgress', 'runs'],
    ...['tenant', 'walk', 'walks'],
  ]);
});

test('somebody who connects accounts sees the accounts and no records', () => {
  expect(OPERATIONS.filter((operation) => mayDo('connect', operation)).sort()).toEqual([
    ...['beginConnection', 'connection', 'connectionChanged', 'connections', 'disconnect', 'providers', 'reconnect'],
    ...['setCreates', 'setGoLive', 'syncNow', 'tenant'],
  ]);
});

test('nobody in a browser may make keys, tenants or other tokens', () => {
  for (const role of BROWSER_ROLES) {
    for (const operation of ['createApiKey', 'revokeApiKey', 'createTenant', 'createBrowserToken', 'grantSupport']) {
      expect(mayDo(role, operation)).toBe(false);
    }
  }
});
