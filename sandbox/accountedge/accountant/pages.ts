import { page, redirect, type Answer } from '../../answer.ts';
import { html } from '../../html.ts';
import type { Incoming } from '../../incoming.ts';
import type { Gateway } from '../gateway.ts';
import { wholePage } from '../page-style.ts';
import { messageOf, Refusal, refusal } from '../problem.ts';
import type { Stored } from '../record.ts';
import { edit } from '../seed/foundation.ts';
import { remove } from '../writing.ts';
import { changedCustomer, customerPage } from './customer-page.ts';
import { filePage, filesPage } from './file-pages.ts';
import { changedInvoice, invoicePage } from './invoice-page.ts';
import type { Message, View } from './view.ts';

const KINDS: Readonly<Record<string, string>> = { invoice: 'Sale/Invoice', customer: 'Contact/Customer' };

/**
 * Pages on which a person plays the accountant: what is edited here goes through the same rules as the API and is told
 * by the same webhooks.
 */
export class AccountantPages {
  private readonly gateway: Gateway;

  constructor(gateway: Gateway) {
    this.gateway = gateway;
  }

  answer(request: Incoming): Answer {
    const [, , realm, kind = '', id] = request.path.replace(/\/$/, '').split('/');
    const home = `${new URL(request.base).pathname}/accountant`;
    if (realm === undefined) return page(filesPage([...this.gateway.files.values()], home));
    const file = this.gateway.files.get(realm);
    if (!file) return notHere(home);
    const root = `${home}/${realm}`;
    if (kind === '') return page(filePage(file, root, home, request.params));
    const stored = KINDS[kind] === undefined ? undefined : file.find(id, KINDS[kind]);
    if (!stored) return notHere(home);
    const view = { file, stored, root, home };
    if (request.method === 'POST') return change(request, view, kind);
    const message = request.params.get('saved') === null ? undefined : { text: 'Saved.', isProblem: false };
    return page(shown(view, kind, message));
  }
}

function shown(view: View, kind: string, message: Message | undefined): string {
  return kind === 'invoice' ? invoicePage(view, message) : customerPage(view, message);
}

function change(request: Incoming, view: View, kind: string): Answer {
  const form = new URLSearchParams(request.body);
  const { file, stored, root } = view;
  const { rules, layout, uid } = stored;
  try {
    if (form.get('version') !== stored.rowVersion) throw refusal('IncorrectRowVersionSupplied');
    if (form.get('action') === 'delete') {
      remove(file, rules, layout, uid, { origin: 'desktop' });
      return redirect(root);
    }
    edit(file, stored, kind === 'invoice' ? changedInvoice(stored, file, form) : changedCustomer(stored.members, form));
    return redirect(`${root}/${kind}/${uid}?saved`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const text = error.problems.map(wordsFor).join(' ');
    return page(shown({ ...view, stored: file.find(uid) as Stored }, kind, { text, isProblem: true }), 400);
  }
}

function wordsFor({ name, details }: Refusal['first']): string {
  if (name === 'IncorrectRowVersionSupplied')
    return 'Somebody else changed this in the meantime. Look again, then save.';
  return details === null ? `${messageOf(name)}.` : `${messageOf(name)} (${details}).`;
}

function notHere(home: string): Answer {
  const content = html`<h1>Nothing here</h1>
    <p class="lead">It may have been deleted. <a href="${home}">All company files</a></p>`;
  return page(wholePage('Nothing here', content, { home, narrow: true }), 404);
}
