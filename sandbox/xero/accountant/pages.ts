import { page, redirect, type Answer } from '../../answer.ts';
import { html } from '../../html.ts';
import type { Incoming } from '../../incoming.ts';
import { wholePage } from '../page-style.ts';
import { ElementRefused, refused, RequestRefused } from '../refusals.ts';
import type { Vendor } from '../vendor.ts';
import { save } from '../writing.ts';
import { changedContact, contactPage } from './contact-page.ts';
import { changedInvoice, invoicePage } from './invoice-page.ts';
import { organisationPage, organisationsPage } from './organisation-pages.ts';
import type { View } from './view.ts';

const RESOURCES: Readonly<Record<string, 'Invoices' | 'Contacts'>> = { invoice: 'Invoices', contact: 'Contacts' };

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
    const [, , tenantId, kind, id] = request.path.replace(/\/$/, '').split('/');
    const home = `${new URL(request.base).pathname}/accountant`;
    if (tenantId === undefined) return page(organisationsPage([...this.vendor.organisations.values()], home));
    const organisation = this.vendor.organisations.get(tenantId);
    if (!organisation) return notHere(home);
    const root = `${home}/${tenantId}`;
    if (kind === undefined) return page(organisationPage(organisation, root, home, request.params));
    const resource = RESOURCES[kind];
    const stored = resource === undefined ? undefined : organisation.find(resource, id);
    if (!stored) return notHere(home);
    const view: View = { organisation, stored, root, home };
    if (request.method === 'POST') return change(request, view, `${root}/${kind}/${stored.id}`);
    const message = request.params.get('saved') === null ? undefined : { text: 'Saved.', isProblem: false };
    return page(shown(view, message));
  }
}

function shown(view: View, message: Parameters<typeof invoicePage>[1]): string {
  return view.stored.rules.name === 'Invoices' ? invoicePage(view, message) : contactPage(view, message);
}

function change(request: Incoming, view: View, here: string): Answer {
  const form = new URLSearchParams(request.body);
  const { organisation, stored } = view;
  const { rules, id, fields, updatedAt } = stored;
  try {
    if (form.get('version') !== String(updatedAt)) {
      throw refused('Somebody changed this in the meantime. Look at it again, then make your change.');
    }
    const changes = rules.name === 'Invoices' ? changedInvoice(fields, form) : changedContact(form);
    if (Object.keys(changes).length > 0) {
      save({ organisation, rules, verb: 'POST', byApp: false }, { [rules.idField]: id, ...changes });
    }
    return redirect(`${here}?saved`);
  } catch (error) {
    if (!(error instanceof ElementRefused || error instanceof RequestRefused)) throw error;
    return page(shown(view, { text: error.message, isProblem: true }), 400);
  }
}

function notHere(home: string): Answer {
  const content = html`<h1>Nothing here</h1>
    <p class="lead">It may have been deleted. <a href="${home}">All organisations</a></p>`;
  return page(wholePage('Nothing here', content, { home, narrow: true }), 404);
}
