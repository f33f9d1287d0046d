import { html } from '../../html.ts';
import { wholePage } from '../page-style.ts';
import type { Body } from '../shape.ts';
import { lastChange, type Message, type View } from './view.ts';

export function contactPage({ organisation, stored, root, home }: View, message: Message | undefined): string {
  const { fields, updatedAt } = stored;
  const content = html` <div class="crumbs">
      <a href="${home}">Organisations</a> / <a href="${root}">${organisation.settings.Name}</a>
    </div>
    <h1>${fields.Name}</h1>
    <p class="lead">Contact · ${lastChange(stored)}</p>
    ${message && html`<div class="message ${message.isProblem ? 'problem' : ''}">${message.text}</div>`}
    <form method="post" class="card">
      <div class="body">
        <input type="hidden" name="version" value="${updatedAt}" />
        <div class="fields">
          <label class="full"
            ><span>Name</span><input name="name" value="${fields.Name}" required maxlength="255"
          /></label>
          <label class="wide"><span>E-mail</span><input name="email" value="${fields.EmailAddress}" /></label>
          <label class="wide"
            ><span>Account number</span><input name="account" value="${fields.AccountNumber}"
          /></label>
        </div>
        <div class="actions" style="margin-top: 20px">
          <button class="main" name="action" value="save">Save</button><span class="space"></span
          ><button class="danger" name="action" value="archive">Archive</button>
        </div>
      </div>
    </form>`;
  return wholePage(String(fields.Name), content, { home, narrow: true });
}

export function changedContact(form: URLSearchParams): Body {
  if (form.get('action') === 'archive') return { ContactStatus: 'ARCHIVED' };
  return {
    Name: form.get('name') ?? '',
    EmailAddress: form.get('email')?.trim() ?? '',
    AccountNumber: form.get('account')?.trim() ?? '',
  };
}
