import type { FlowJob } from 'bullmq';
import { GRAPH_VERSION, type OpenedWalk, type Step } from '../store/index.js';

export const WALK_QUEUE = 'walks';

/** Jobs carry ids only; what was seen and planned is in Postgres. */
export interface WalkJob {
  readonly walk: string;
  readonly tenant: string;
  readonly graph: number;
}

const PRIORITY = { interactive: 1, routine: 5, bulk: 10 } as const;

/**
 * The street as a flow: settle ← apply ← plan ← (observe app ‖ observe books). Ids are fixed by walk and step, so adding
 * a flow twice changes nothing. A step is repeated only when the infrastructure failed it.
 */
export const recordFlow = ({ walk, tenant, lane }: OpenedWalk): FlowJob => {
  const step = (name: Step, children: FlowJob[] = []): FlowJob => ({
    name,
    queueName: WALK_QUEUE,
    data: { walk, tenant, graph: GRAPH_VERSION } satisfies WalkJob,
    children,
    opts: {
      jobId: `${walk}-${name}`,
      priority: PRIORITY[lane],
      attempts: 10,
      backoff: { type: 'exponential', delay: 200, jitter: 0.3 },
      removeOnComplete: { age: 300 },
      removeOnFail: { age: 3_600 },
      ...(name !== 'settle' && { failParentOnFailure: true }),
    },
  });
  return step('settle', [step('apply', [step('plan', [step('observe_app'), step('observe_books')])])]);
};
