import type { Answer } from '../answer.ts';
import { onePagePdf } from '../one-page-pdf.ts';
import { pacificStamp } from './calendar.ts';
import type { Stored } from './collection.ts';
import type { Company } from './company.ts';
import type { User } from './entity.ts';
import type { EntityRules } from './rules.ts';
import { faults } from './vendor-fault.ts';
import { Work } from './work.ts';
import { findById } from './writing.ts';

/** `POST /invoice/{id}/send`: no mail leaves, but the form says that it was sent (sheet 3.8). */
export function sendForm(company: Company, rules: EntityRules, id: string, sendTo: string | null, user: User): Stored {
  const stored = findById(company, rules, id);
  const work = new Work(company, user);
  const { object } = work.edit(rules.name, id, 'Emailed');
  const emailField = rules.name === 'PurchaseOrder' ? 'POEmail' : 'BillEmail';
  if (sendTo !== null && sendTo !== '') object[emailField] = { Address: sendTo };
  if (rules.fields[emailField] && stored.object[emailField] === undefined && object[emailField] === undefined) {
    throw faults.missing(emailField);
  }
  if (rules.fields.EmailStatus) object.EmailStatus = 'EmailSent';
  object.DeliveryInfo = { DeliveryType: 'Email', DeliveryTime: pacificStamp(company.now()) };
  work.commit();
  return company.find(rules.name, id) as Stored;
}

/** `GET /invoice/{id}/pdf`: a real PDF of one page with one line on it. */
export function pdfOf({ rules, object }: Stored): Answer {
  const words = `${rules.name} ${object.DocNumber ?? object.Id}  ${object.TxnDate ?? ''}  ${object.TotalAmt ?? ''}`;
  return onePagePdf(words);
}
