import { Decimal, decimal } from '../../amounts.ts';
import { html, type Html } from '../../html.ts';
import type { Line } from '../lines.ts';
import type { Organisation } from '../organisation.ts';
import { wholePage } from '../page-style.ts';
import { refused } from '../refusals.ts';
import type { Body } from '../shape.ts';
import { stateTag } from './organisation-pages.ts';
import { contactName, currencyShown, lastChange, money, type Message, type View } from './view.ts';

/** Empty rows at the end of the form, because a page without scripts cannot add one on demand. */
const NEW_ROWS = 2;

export function invoicePage({ organisation, stored, root, home }: View, message: Message | undefined): string {
  const { fields, updatedAt } = stored;
  const currency = currencyShown(organisation, fields.CurrencyCode);
  const isSale = fields.Type === 'ACCREC';
  const title = `${isSale ? 'Invoice' : 'Bill'} ${String(fields.InvoiceNumber ?? '')}`.trim();
  const lines = fields.LineItems as Line[];
  const content = html` <div class="crumbs">
      <a href="${home}">Organisations</a> / <a href="${root}">${organisation.settings.Name}</a>
    </div>
    <h1>${title} ${stateTag(organisation, fields)}</h1>
    <p class="lead">${contactName(organisation, fields.contact)} · ${lastChange(stored)}</p>
    ${message && html`<div class="message ${message.isProblem ? 'problem' : ''}">${message.text}</div>`}
    <form method="post">
      <input type="hidden" name="version" value="${updatedAt}" />
      <div class="card">
        <div class="body">
          <div class="fields">
            <label><span>Number</span><input name="number" value="${fields.InvoiceNumber}" maxlength="255" /></label>
            <label><span>Date</span><input type="date" name="date" value="${fields.Date}" required /></label>
            <label><span>Due date</span><input type="date" name="due" value="${fields.DueDate}" /></label>
            ${
              isSale &&
              html`<label
                ><span>Reference</span><input name="reference" value="${fields.Reference}" maxlength="255"
              /></label>`
            }
          </div>
        </div>
      </div>
      <div class="card">
        <div class="head">
          <h2>Lines</h2>
          <span class="small muted">Fill an empty row to add a line; tick a line to remove it.</span>
        </div>
        <table class="lines">
          <thead>
            <tr>
              <th>Description</th>
              <th style="width: 24%">Account</th>
              <th class="number" style="width: 11%">Quantity</th>
              <th class="number" style="width: 13%">Price</th>
              <th class="number" style="width: 13%">Amount</th>
              <th style="width: 9%" class="mark-off">Remove</th>
            </tr>
          </thead>
          <tbody>
            ${lines.map((line) => lineRow(organisation, line))}${Array.from({ length: NEW_ROWS }, (_, row) =>
              newRow(organisation, row),
            )}
          </tbody>
        </table>
        <div class="totals">
          <span>Tax<b>${money(fields.TotalTax, currency)}</b></span
          ><span>Total<b>${money(fields.Total, currency)}</b></span
          ><span>Due<b>${money(fields.AmountDue, currency)}</b></span>
        </div>
      </div>
      <div class="actions">
        <button class="main" name="action" value="save">Save</button
        ><button name="action" value="approve">Approve</button><a href="${root}" class="small">Back without saving</a
        ><span class="space"></span><button class="danger" name="action" value="void">Void</button
        ><button class="danger" name="action" value="delete">Delete</button>
      </div>
    </form>`;
  return wholePage(title, content, { home });
}

function accountName(organisation: Organisation, id: unknown): string {
  const { Code, Name } = organisation.fields('Accounts', id) ?? {};
  return Code === undefined ? '' : `${String(Code)} ${String(Name)}`;
}

function lineRow(organisation: Organisation, line: Line): Html {
  const field = (name: string) => `${name}-${line.LineItemID}`;
  return html`<tr>
    <td><input name="${field('description')}" value="${line.Description}" aria-label="Description" /></td>
    <td class="muted">${accountName(organisation, line.account)}</td>
    <td class="number">
      <input name="${field('quantity')}" value="${line.Quantity}" inputmode="decimal" aria-label="Quantity" />
    </td>
    <td class="number">
      <input name="${field('price')}" value="${line.UnitAmount}" inputmode="decimal" aria-label="Price" />
    </td>
    <td class="number">${money(line.LineAmount)}</td>
    <td class="mark-off"><input type="checkbox" name="${field('remove')}" aria-label="Remove the line" /></td>
  </tr>`;
}

function newRow(organisation: Organisation, row: number): Html {
  const accounts = [...organisation.collection('Accounts').all()]
    .map(({ fields }) => fields)
    .filter((each) => each.Status === 'ACTIVE' && each.Type !== 'BANK' && each.SystemAccount === undefined);
  return html`<tr>
    <td><input name="new-description-${row}" aria-label="Description of a new line" /></td>
    <td>
      <select name="new-account-${row}" aria-label="Account of a new line">
        <option value="">Add a line…</option>
        ${accounts.map((each) => html`<option value="${each.Code}">${each.Code} ${each.Name}</option>`)}
      </select>
    </td>
    <td class="number"><input name="new-quantity-${row}" inputmode="decimal" aria-label="Quantity of a new line" /></td>
    <td class="number"><input name="new-price-${row}" inputmode="decimal" aria-label="Price of a new line" /></td>
    <td></td>
    <td></td>
  </tr>`;
}

const STATUSES: Readonly<Record<string, string>> = { approve: 'AUTHORISED', void: 'VOIDED', delete: 'DELETED' };

/** The form as a change of the invoice: only what differs, and lines only when one of them does. */
export function changedInvoice(fields: Body, form: URLSearchParams): Body {
  const action = form.get('action') ?? 'save';
  if (action === 'void' || action === 'delete') return { Status: STATUSES[action] };
  const change: Body = action === 'approve' ? { Status: 'AUTHORISED' } : {};
  for (const [name, field] of [
    ['number', 'InvoiceNumber'],
    ['date', 'Date'],
    ['due', 'DueDate'],
    ['reference', 'Reference'],
  ] as const) {
    const value = form.get(name)?.trim();
    if (value !== undefined && value !== (fields[field] ?? '')) change[field] = value;
  }
  const lines: Body[] = [];
  let linesChanged = false;
  for (const line of fields.LineItems as Line[]) {
    if (form.get(`remove-${line.LineItemID}`) !== null) {
      linesChanged = true;
      continue;
    }
    const edited = editedLine(line, form);
    lines.push({ LineItemID: line.LineItemID, ...edited });
    linesChanged ||= Object.keys(edited).length > 0;
  }
  for (let row = 0; row < NEW_ROWS; row++) {
    const added = addedLine(form, row);
    if (added) lines.push(added);
    linesChanged ||= added !== undefined;
  }
  return { ...change, ...(linesChanged && { LineItems: lines }) };
}

/** What about a line was edited. */
function editedLine(line: Line, form: URLSearchParams): Body {
  const edited: Body = {};
  const description = form.get(`description-${line.LineItemID}`);
  if (description !== null && description !== (line.Description ?? '')) edited.Description = description;
  for (const [name, label, field] of [
    ['quantity', 'Quantity', 'Quantity'],
    ['price', 'Price', 'UnitAmount'],
  ] as const) {
    const text = form.get(`${name}-${line.LineItemID}`);
    if (text === null || text.trim() === '') continue;
    const value = number(label, text);
    if (!decimal(value).equals(decimal(line[field]))) edited[field] = value;
  }
  return edited;
}

function addedLine(form: URLSearchParams, row: number): Body | undefined {
  const account = form.get(`new-account-${row}`) ?? '';
  if (account === '') return undefined;
  return {
    Description: form.get(`new-description-${row}`) || 'Line',
    AccountCode: account,
    Quantity: number('Quantity', form.get(`new-quantity-${row}`) || '1'),
    UnitAmount: number('Price', form.get(`new-price-${row}`) || '0'),
  };
}

function number(name: string, text: string): string {
  const plain = text.trim().replaceAll(',', '');
  if (!/^-?(\d{1,10}\.?\d*|\.\d+)$/.test(plain)) throw refused(`${name}: "${text}" is no number.`);
  return new Decimal(plain).toFixed();
}
