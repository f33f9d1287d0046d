import { amount, date, ref, text } from '../field.js';
import type { Ref } from '../ref.js';
import { defineKind } from '../kind.js';
import { currency } from './document.js';

export const transfer = defineKind({
  kind: 'transfer',
  nature: 'document',
  says: 'Money moved between two accounts of the company.',
  groups: {
    dates: { date: date({ required: true }) },
    money: {
      fromAccount: ref('account', { required: true }),
      toAccount: ref('account', { required: true }),
      amount: amount({ required: true }),
      ...currency,
    },
    text: { memo: text(4000) },
  },
  dated: 'date',
  rules: [
    {
      path: 'toAccount',
      rule: 'two_accounts',
      message: 'money is moved between two different accounts',
      holds: ({ fromAccount, toAccount }) =>
        (fromAccount as Ref | null | undefined)?.id === undefined ||
        (fromAccount as Ref).id !== (toAccount as Ref | null | undefined)?.id,
    },
  ],
});
