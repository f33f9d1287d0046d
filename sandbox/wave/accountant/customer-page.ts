import { html } from '../../html.ts';
import { wholePage } from '../page-style.ts';
import type { Party } from '../records.ts';
import type { Message, View } from './view.ts';

export function customerPage({ business, row, root, home }: View<Party>, message: Message | undefined): string {
  const content = html` <div class="crumbs">
      <a href="${home}">Businesses</a> / <a href="${root}">${business.settings.name}</a>
    </div>
    <h1>${row.name}</h1>
    <p class="lead">Customer · last changed ${new Date(row.modifiedAt).toISOString()}</p>
    ${message && html`<div class="message ${message.isProblem ? 'problem' : ''}">${message.text}</div>`}
    <form method="post" class="card">
      <div class="body">
        <input type="hidden" name="version" value="${row.modifiedAt}" />
        <div class="fields">
          <label class="full"><span>Name</span><input name="name" value="${row.name}" required /></label>
          <label class="wide"><span>E-mail</span><input name="email" value="${row.email}" /></label>
          <label class="wide"><span>Phone</span><input name="phone" value="${row.phone}" /></label>
          <label class="full"
            ><span>Internal notes</span><textarea name="internalNotes" rows="3">${row.internalNotes}</textarea>
          </label>
        </div>
        <div class="actions" style="margin-top: 20px">
          <button class="main" name="action" value="save">Save</button>
        </div>
      </div>
    </form>`;
  return wholePage(row.name, content, { home, narrow: true });
}
