import type { Answer } from '../answer.ts';
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
  const content = `BT /F1 14 Tf 72 720 Td (${words.replace(/[^\x20-\x7e]|[()\\]/g, ' ')}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((each, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${each}\nendobj\n`;
    return String(offset).padStart(10, '0');
  });
  const start = body.length;
  const rows = offsets.map((offset) => `${offset} 00000 n \n`).join('');
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  body += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return { status: 200, contentType: 'application/pdf', body };
}
