import { KeysResolver } from './access/keys.resolver.js';
import { SupportResolver } from './access/support.resolver.js';
import { TenantsResolver } from './access/tenants.resolver.js';
import { ChangesResolver } from './changes/changes.resolver.js';
import { ConflictFieldsResolver } from './conflicts/conflict-fields.resolver.js';
import { ConflictsResolver } from './conflicts/conflicts.resolver.js';
import { ConnectionFieldsResolver } from './connections/connection-fields.resolver.js';
import { ConnectionsResolver } from './connections/connections.resolver.js';
import { HealthResolver } from './health/health.resolver.js';
import { HistoryPageResolver } from './history/history-page.resolver.js';
import { HistoryResolver } from './history/history.resolver.js';
import { PoliciesResolver } from './policies/policies.resolver.js';
import { ProblemsResolver } from './problems/problems.resolver.js';
import { ProvidersResolver } from './providers/providers.resolver.js';
import { BooksSideFieldsResolver } from './records/books-side-fields.resolver.js';
import { RecordFieldsResolver } from './records/record-fields.resolver.js';
import { RecordsResolver } from './records/records.resolver.js';
import { SubscriptionsResolver } from './subscriptions/subscriptions.resolver.js';
import { WalkItemFieldsResolver } from './walks/walk-item-fields.resolver.js';
import { WalksResolver } from './walks/walks.resolver.js';

/** Everything that the schema is made of. */
export const RESOLVERS = [
  ...[TenantsResolver, KeysResolver, SupportResolver, ProvidersResolver, HealthResolver],
  ...[ConnectionsResolver, ConnectionFieldsResolver],
  ...[RecordsResolver, RecordFieldsResolver, BooksSideFieldsResolver],
  ...[HistoryPageResolver, HistoryResolver, ChangesResolver],
  ...[ConflictsResolver, ConflictFieldsResolver, PoliciesResolver, ProblemsResolver],
  ...[WalksResolver, WalkItemFieldsResolver, SubscriptionsResolver],
];
