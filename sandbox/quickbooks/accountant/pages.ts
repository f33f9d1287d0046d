import { page, redirect, type Answer } from '../../answer.ts';
import type { Incoming } from '../../incoming.ts';
import { entities } from '../entities/index.ts';
import type { User } from '../entity.ts';
import { html } from '../../html.ts';
import { wholePage } from '../page-style.ts';
import type { EntityRules } from '../rules.ts';
import type { Body } from '../shape.ts';
import { VendorFault } from '../vendor-fault.ts';
import type { Vendor } from '../vendor.ts';
import { makeVoid, remove, save } from '../writing.ts';
import { companiesPage, companyPage } from './company-pages.ts';
import { customerPage } from './customer-page.ts';
import { changedInvoice, invoicePage } from './invoice-page.ts';
import { DEFAULT_EDITOR, type View } from './view.ts';

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
    const [, , realm, kind, id] = request.path.replace(/\/$/, '').split('/');
    const home = `${new URL(request.base).pathname}/accountant`;
    if (realm === undefined) return page(companiesPage([...this.vendor.companies.values()], home));
    const company = this.vendor.companies.get(realm);
    if (!company) return notHere(home);
    const root = `${home}/${realm}`;
    if (kind === undefined) return page(companyPage(company, root, home, request.params));
    const entity = kind === 'invoice' ? 'Invoice' : kind === 'customer' ? 'Customer' : undefined;
    const object = entity === undefined ? undefined : company.object(entity, id);
    if (!object || entity === undefined) return notHere(home);
    const view = { company, object, root, home };
    if (request.method === 'POST') return this.change(request, view, entity);
    const message = request.params.get('saved') === null ? undefined : { text: 'Saved.', isProblem: false };
    return page(entity === 'Invoice' ? invoicePage(view, message) : customerPage(view, message));
  }

  private change(request: Incoming, view: View, entity: 'Invoice' | 'Customer'): Answer {
    const form = new URLSearchParams(request.body);
    const { company, object, root } = view;
    const here = `${root}/${entity.toLowerCase()}/${object.Id}`;
    const name = form.get('editor')?.trim() || DEFAULT_EDITOR;
    const user: User = { id: '9130000000000003', name };
    const rules = entities.get(entity) as EntityRules;
    const version = { Id: object.Id, SyncToken: form.get('version') ?? '' };
    const write = (body: Body) => ({ company, rules, body: { ...version, ...body }, user, include: ALLOWANCES });
    try {
      const action = form.get('action');
      if (action === 'void') makeVoid(write({}));
      else if (action === 'delete') remove(write({}));
      else save(write(entity === 'Invoice' ? changedInvoice(object, form) : changedCustomer(form)));
      return redirect(action === 'delete' ? root : `${here}?saved`);
    } catch (error) {
      if (!(error instanceof VendorFault)) throw error;
      const message = { text: error.detail, isProblem: true };
      return page(entity === 'Invoice' ? invoicePage(view, message) : customerPage(view, message), 400);
    }
  }
}

/** A person is only warned of duplicate numbers. */
const ALLOWANCES: ReadonlySet<string> = new Set(['allowduplicatedocnum']);

function changedCustomer(form: URLSearchParams): Body {
  return { sparse: true, DisplayName: form.get('name') ?? '' };
}

function notHere(home: string): Answer {
  const content = html`<h1>Nothing here</h1>
    <p class="lead">It may have been deleted. <a href="${home}">All companies</a></p>`;
  return page(wholePage('Nothing here', content, { home, narrow: true }), 404);
}
