import { decimal as exact } from '../amounts.ts';
import type { Stored } from './collection.ts';
import type { Organisation } from './organisation.ts';
import { refused } from './refusals.ts';
import type { Allocation } from './resources/credit-notes.ts';
import { settleCharge, useCredit, type Credit } from './settlement.ts';
import { isGuid, type Body } from './shape.ts';

/** Credit notes, prepayments and overpayments set against invoices and bills (sheet 3.11). */

/** Whether a credit of this type goes against what is sold. */
function isSales(type: unknown): boolean {
  return type === 'ACCRECCREDIT' || String(type).startsWith('RECEIVE');
}

export function allocate(organisation: Organisation, credit: Stored, input: Body): Allocation {
  const resource = credit.rules.name;
  const { fields } = credit;
  const { InvoiceID, InvoiceNumber } = (input.Invoice ?? {}) as Body;
  const collection = organisation.collection('Invoices');
  const invoice = isGuid(InvoiceID)
    ? collection.get(InvoiceID.toLowerCase())
    : collection.first('number', typeof InvoiceNumber === 'string' ? InvoiceNumber.toLowerCase() : undefined);
  if (!invoice) throw refused('The invoice to allocate to could not be found');
  const amount = exact(input.Amount);
  const Date = String(input.Date ?? organisation.today());
  if (fields.Status !== 'AUTHORISED')
    throw refused('Only an authorised document with remaining credit can be allocated.');
  if (invoice.fields.Status !== 'AUTHORISED') throw refused('Credit can only be allocated to Authorised documents');
  const fits = isSales(fields.Type) === (invoice.fields.Type === 'ACCREC');
  if (!fits) throw refused('The credit and the invoice go in different directions.');
  const isAcross = fields.contact !== invoice.fields.contact;
  if (isAcross && organisation.switches.allocationAcrossContacts === 'refused') {
    throw refused('The credit and the invoice have different contacts.');
  }
  if (fields.CurrencyCode !== invoice.fields.CurrencyCode)
    throw refused('The credit and the invoice have different currencies.');
  if (!amount.greaterThan(0)) throw refused('The allocated amount must be greater than zero');
  if (amount.greaterThan(exact(fields.RemainingCredit)))
    throw refused('The allocated amount exceeds the remaining credit');
  if (amount.greaterThan(exact(invoice.fields.AmountDue))) {
    throw refused('The allocated amount exceeds the amount outstanding on this document');
  }
  const problem = organisation.lockProblem(Date);
  if (problem !== undefined) throw refused(problem);
  const Amount = organisation.cents(amount).toFixed();
  const allocation: Allocation = { AllocationID: organisation.random.uuid(), Amount, Date, invoice: invoice.id };
  const Allocations = [...((fields.Allocations ?? []) as Allocation[]), allocation];
  useCredit(organisation, resource, credit.id, amount, Date, { Allocations });
  const entry: Credit = { allocation: allocation.AllocationID, resource, id: credit.id, amount: Amount, date: Date };
  const credits = [...((invoice.fields.credits ?? []) as Credit[]), entry];
  settleCharge(organisation, invoice.id, 'AmountCredited', amount, Date, { credits });
  return allocation;
}

/** Takes an allocation back; undefined when the credit has no such one. */
export function deallocate(organisation: Organisation, credit: Stored, id: string): Allocation | undefined {
  const held = (credit.fields.Allocations ?? []) as Allocation[];
  const allocation = held.find((each) => each.AllocationID === id);
  if (!allocation) return undefined;
  const problem = organisation.lockProblem(allocation.Date);
  if (problem !== undefined) throw refused(problem);
  const amount = exact(allocation.Amount).negated();
  const Allocations = held.filter((each) => each !== allocation);
  useCredit(organisation, credit.rules.name, credit.id, amount, allocation.Date, { Allocations });
  const invoice = organisation.find('Invoices', allocation.invoice);
  const credits = ((invoice?.fields.credits ?? []) as Credit[]).filter((each) => each.allocation !== id);
  settleCharge(organisation, allocation.invoice, 'AmountCredited', amount, allocation.Date, { credits });
  return allocation;
}
