import { html } from '../../html.ts';
import { wholePage } from '../page-style.ts';
import { NO_CARD_ID, nameOf } from '../resources/cards.ts';
import type { Members } from '../shape.ts';
import { lastChange, money } from './file-pages.ts';
import type { Message, View } from './view.ts';

export function customerPage({ file, stored, root, home }: View, message: Message | undefined): string {
  const { uid, members, rowVersion } = stored;
  const name = nameOf(members);
  const email = (members.Addresses as Members[])[0]?.Email;
  const nameFields =
    members.IsIndividual === true
      ? html`<label class="wide"
            ><span>First name</span><input name="first" value="${members.FirstName}" maxlength="20" /></label
          ><label class="wide"
            ><span>Last name</span><input name="last" value="${members.LastName}" required maxlength="30"
          /></label>`
      : html`<label class="full"
          ><span>Company name</span><input name="name" value="${members.CompanyName}" required maxlength="50"
        /></label>`;
  const content = html` <div class="crumbs">
      <a href="${home}">Company files</a> / <a href="${root}">${file.name}</a>
    </div>
    <h1>${name}</h1>
    <p class="lead">
      ${members.DisplayID === NO_CARD_ID ? 'No card ID' : html`Card ${members.DisplayID}`} · balance
      ${money(file.ledger.card(uid).toString())} · ${lastChange(stored)}
    </p>
    ${message && html`<div class="message ${message.isProblem ? 'problem' : ''}">${message.text}</div>`}
    <form method="post" class="card">
      <div class="body">
        <input type="hidden" name="version" value="${rowVersion}" />
        <div class="fields">
          ${nameFields}
          <label class="full"><span>E-mail</span><input value="${email}" disabled /></label>
          <label class="full"
            ><span>Notes</span><textarea name="notes" rows="3" maxlength="255">${members.Notes}</textarea>
          </label>
        </div>
        <div class="actions" style="margin-top: 20px">
          <button class="main" name="action" value="save">Save</button>
        </div>
      </div>
    </form>`;
  return wholePage(name, content, { home, narrow: true });
}

export function changedCustomer(members: Members, form: URLSearchParams): Members {
  const text = (name: string) => form.get(name)?.replaceAll('\r\n', '\n').trim() ?? '';
  const names =
    members.IsIndividual === true
      ? { FirstName: text('first'), LastName: text('last') }
      : { CompanyName: text('name') };
  return { ...names, Notes: text('notes') };
}
