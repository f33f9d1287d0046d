import { html } from '../../html.ts';
import { wholePage } from '../page-style.ts';
import { currencyShown, lastChange, money } from './company-pages.ts';
import { DEFAULT_EDITOR, type Message, type View } from './view.ts';

export function customerPage({ company, object, root, home }: View, message: Message | undefined): string {
  const email = (object.PrimaryEmailAddr as { Address?: string } | undefined)?.Address;
  const content = html` <div class="crumbs">
      <a href="${home}">Companies</a> / <a href="${root}">${company.object('CompanyInfo', '1')?.CompanyName}</a>
    </div>
    <h1>${object.DisplayName}</h1>
    <p class="lead">
      Customer ${object.Id} · balance ${money(object.Balance, currencyShown(company, object))} · ${lastChange(object)}
    </p>
    ${message && html`<div class="message ${message.isProblem ? 'problem' : ''}">${message.text}</div>`}
    <form method="post" class="card">
      <div class="body">
        <input type="hidden" name="version" value="${object.SyncToken}" />
        <div class="fields">
          <label class="full"
            ><span>Display name</span><input name="name" value="${object.DisplayName}" required maxlength="500"
          /></label>
          <label class="wide"><span>E-mail</span><input value="${email}" disabled /></label>
          <label class="wide"><span>Edited by</span><input name="editor" value="${DEFAULT_EDITOR}" /></label>
        </div>
        <div class="actions" style="margin-top: 20px">
          <button class="main" name="action" value="save">Save</button>
        </div>
      </div>
    </form>`;
  return wholePage(String(object.DisplayName), content, { home, narrow: true });
}
