import { page, redirect, type Answer } from '../../answer.ts';
import { html } from '../../html.ts';
import type { Incoming } from '../../incoming.ts';
import { isDay } from '../calendar.ts';
import { childId } from '../ids.ts';
import { approveInvoice, deleteInvoice, patchInvoice } from '../objects/invoices.ts';
import { patchCustomer } from '../objects/parties.ts';
import { wholePage } from '../page-style.ts';
import { Problems } from '../problems.ts';
import type { Invoice, Party } from '../records.ts';
import type { Vendor } from '../vendor.ts';
import { businessesPage, businessPage } from './business-pages.ts';
import { customerPage } from './customer-page.ts';
import { changedInvoice, invoicePage } from './invoice-page.ts';
import type { Message, View } from './view.ts';

/**
 * Pages on which a person plays the accountant: what is edited here goes through the same rules as the API and is told
 * by the same webhooks.
 */
export class AccountantPages {
  private readonly vendor: Vendor;

  constructor(vendor: Vendor) {
    this.vendor = vendor;
  }

  answer(request: Incoming): Answer {
    const [, , uuid, kind, number] = request.path.replace(/\/$/, '').split('/');
    const home = `${new URL(request.base).pathname}/accountant`;
    if (uuid === undefined) return page(businessesPage([...this.vendor.businesses.values()], home));
    const business = this.vendor.find(uuid);
    if (!business) return notHere(home);
    business.noteOverdue();
    const root = `${home}/${business.uuid}`;
    if (kind === undefined) return page(businessPage(business, root, home, request.params));
    const message = request.params.has('saved') ? { text: 'Saved.', isProblem: false } : undefined;
    const isPost = request.method === 'POST';
    const invoice = business.invoices.get(childId(business.uuid, 'Invoice', Number(number)));
    if (kind === 'invoice' && invoice) {
      const view = { business, row: invoice, root, home };
      return isPost ? changeInvoice(request, view) : page(invoicePage(view, message));
    }
    const customer = business.customers.get(childId(business.uuid, 'Customer', Number(number)));
    if (kind === 'customer' && customer) {
      const view = { business, row: customer, root, home };
      return isPost ? changeCustomer(request, view) : page(customerPage(view, message));
    }
    return notHere(home);
  }
}

function changeInvoice(request: Incoming, view: View<Invoice>): Answer {
  const { business, row: target, root } = view;
  const form = new URLSearchParams(request.body);
  const problems = new Problems();
  const action = form.get('action');
  if (refusedAsOutdated(form, target, problems)) return page(invoicePage(view, problemIn(problems)), 400);
  if (action === 'approve') approveInvoice({ business, target, input: {}, problems });
  else if (action === 'delete') deleteInvoice({ business, target, input: {}, problems });
  else {
    const input = changedInvoice(target, form, problems);
    for (const day of [input.invoiceDate, input.dueDate]) {
      if (!isDay(day ?? '')) problems.add(['date'], `${day ?? ''} is not a date.`);
    }
    if (input.invoiceNumber === '') problems.add(['number'], 'An invoice needs a number.');
    if (!problems.any) patchInvoice({ business, target, input, problems });
  }
  if (problems.any) return page(invoicePage(view, problemIn(problems)), 400);
  return redirect(action === 'delete' ? root : `${request.base}${request.path}?saved`);
}

function changeCustomer(request: Incoming, view: View<Party>): Answer {
  const { business, row: target } = view;
  const form = new URLSearchParams(request.body);
  const problems = new Problems();
  const text = (name: string) => form.get(name)?.replaceAll('\r\n', '\n').trim() ?? '';
  const orNull = (name: string) => (text(name) === '' ? null : text(name));
  const input = {
    name: text('name'),
    email: orNull('email'),
    phone: orNull('phone'),
    internalNotes: orNull('internalNotes'),
  };
  if (!refusedAsOutdated(form, target, problems)) patchCustomer({ business, target, input, problems });
  if (problems.any) return page(customerPage(view, problemIn(problems)), 400);
  return redirect(`${request.base}${request.path}?saved`);
}

function refusedAsOutdated(form: URLSearchParams, row: { modifiedAt: number }, problems: Problems): boolean {
  const isOutdated = form.get('version') !== String(row.modifiedAt);
  if (isOutdated) problems.add(null, 'Somebody else changed this meanwhile; what you see now is theirs.');
  return isOutdated;
}

function problemIn(problems: Problems): Message {
  return { text: problems.list.map((each) => each.message).join(' '), isProblem: true };
}

function notHere(home: string): Answer {
  const content = html`<h1>Nothing here</h1>
    <p class="lead">It may have been deleted. <a href="${home}">All businesses</a></p>`;
  return page(wholePage('Nothing here', content, { home, narrow: true }), 404);
}
