import { refusal } from '../problem.ts';
import type { ResourceRules } from '../rules.ts';
import { choice, needed, text, words } from '../shape.ts';

/** At most so many for one key and file (sheet 5.1). */
const MOST = 5;

/** Webhook subscriptions; where their secrets and sequences are kept is not here. */
export function subscription(pushedTopics: () => readonly string[]): ResourceRules {
  return {
    name: 'Webhooks/Subscription',
    group: 'setting',
    scope: 'sme-company-file',
    fields: {
      TargetUrl: needed(text(1000)),
      Topics: needed(words()),
      State: choice(['Active', 'Disabled'], 'Active'),
    },
    verbs: { create: true, update: true, delete: true },
    pushed: false,
    linkMembers: () => ({}),
    check({ members, file, previous }, problems) {
      const topics = members.Topics as string[];
      if (topics.length === 0) problems.add('Required', 'Topics');
      if (!isReachable(String(members.TargetUrl))) problems.add('SerializationError', 'TargetUrl');
      problems.throwAny();
      for (const topic of topics) if (!pushedTopics().includes(topic)) throw refusal('EventNotSupported', topic);
      const count = file.collection('Webhooks/Subscription').size;
      if (!previous && count >= MOST) throw refusal('SubscriptionLimitReached', 'TargetUrl');
    },
  };
}

/** https anywhere, http only to this machine. */
function isReachable(target: string): boolean {
  if (!URL.canParse(target)) return false;
  const { protocol, hostname } = new URL(target);
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname));
}
