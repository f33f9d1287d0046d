import { decimal, Decimal } from '../../amounts.ts';
import { html, type Html } from '../../html.ts';
import { atMidnight, dayOf } from '../calendar.ts';
import type { CompanyFile } from '../company-file.ts';
import { wholePage } from '../page-style.ts';
import { refusal } from '../problem.ts';
import type { Line, Stored } from '../record.ts';
import type { Link, Members } from '../shape.ts';
import { countsMoney } from '../totals.ts';
import { customerName, lastChange, money, stateTag } from './file-pages.ts';
import type { Message, View } from './view.ts';

/** Empty rows at the end of the form, because a page without scripts cannot add one on demand. */
const NEW_ROWS = 2;

/** Where a layout keeps how many of what price; the others have amounts alone. */
const MEASURES: Readonly<Record<string, { quantity: string; price: string }>> = {
  Item: { quantity: 'ShipQuantity', price: 'UnitPrice' },
  TimeBilling: { quantity: 'Units', price: 'Rate' },
};

export function invoicePage({ file, stored, root, home }: View, message: Message | undefined): string {
  const { members, layout, rowVersion } = stored;
  const title = `Invoice ${String(members.Number)}`;
  const isMeasured = MEASURES[layout ?? ''] !== undefined;
  const content = html` <div class="crumbs">
      <a href="${home}">Company files</a> / <a href="${root}">${file.name}</a>
    </div>
    <h1>${title} ${stateTag(file, members)}</h1>
    <p class="lead">${customerName(file, members)} · ${layout} layout · ${lastChange(stored)}</p>
    ${message && html`<div class="message ${message.isProblem ? 'problem' : ''}">${message.text}</div>`}
    <form method="post">
      <input type="hidden" name="version" value="${rowVersion}" />
      <div class="card">
        <div class="body">
          <div class="fields">
            <label><span>Number</span><input name="number" value="${members.Number}" maxlength="13" /></label>
            <label
              ><span>Invoice date</span><input type="date" name="date" value="${dayOf(members.Date)}" required
            /></label>
            <label><span>Due</span><input value="${dayOf((members.Terms as Members).DueDate)}" disabled /></label>
            <label
              ><span>Customer's order number</span
              ><input name="order" value="${members.CustomerPurchaseOrderNumber}" maxlength="255"
            /></label>
            <label class="full"
              ><span>Journal memo</span><textarea name="memo" rows="2" maxlength="255">${members.JournalMemo}</textarea>
            </label>
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
              <th style="width: 24%">${layout === 'Item' ? 'Item' : 'Account'}</th>
              <th>Description</th>
              <th class="number" style="width: 11%">${isMeasured && 'Quantity'}</th>
              <th class="number" style="width: 13%">${isMeasured && 'Price'}</th>
              <th class="number" style="width: 14%">Amount</th>
              <th style="width: 9%" class="mark-off">Remove</th>
            </tr>
          </thead>
          <tbody>
            ${(members.Lines as Line[]).map((line) => lineRow(file, line, layout))}${
              layout === 'TimeBilling' ? '' : Array.from({ length: NEW_ROWS }, (_, row) => newRow(file, row, layout))
            }
          </tbody>
        </table>
        <div class="totals">
          <span>Tax<b>${money(members.TotalTax)}</b></span
          ><span>Total<b>${money(members.TotalAmount)}</b></span
          ><span>Balance<b>${money(members.BalanceDueAmount)}</b></span>
        </div>
      </div>
      <div class="actions">
        <button class="main" name="action" value="save">Save</button
        ><a href="${root}" class="small">Back without saving</a><span class="space"></span
        ><button class="danger" name="action" value="delete">Delete</button>
      </div>
    </form>`;
  return wholePage(title, content, { home });
}

function lineRow(file: CompanyFile, line: Line, layout: string | undefined): Html {
  const field = (name: string) => `${name}-${line.RowID}`;
  if (!countsMoney(line)) {
    return html`<tr class="muted">
      <td>${line.Type}</td>
      <td>${line.Description}</td>
      <td></td>
      <td></td>
      <td class="number">${line.Type === 'SubTotal' ? money(line.Total) : ''}</td>
      <td></td>
    </tr>`;
  }
  const measure = MEASURES[layout ?? ''];
  const cell = (name: string, value: unknown, label: string) =>
    html`<input name="${field(name)}" value="${value}" inputmode="decimal" aria-label="${label}" />`;
  return html`<tr>
    <td>${file.linked(line.Item)?.Name ?? file.linked(line.Account)?.Name ?? file.linked(line.Activity)?.Name}</td>
    <td><input name="${field('description')}" value="${line.Description}" aria-label="Description" /></td>
    <td class="number">${measure ? cell('quantity', line[measure.quantity], 'Quantity') : ''}</td>
    <td class="number">${measure ? cell('price', line[measure.price], 'Price') : ''}</td>
    <td class="number">${measure ? money(line.Total) : cell('amount', line.Total, 'Amount')}</td>
    <td class="mark-off"><input type="checkbox" name="${field('remove')}" aria-label="Remove the line" /></td>
  </tr>`;
}

function newRow(file: CompanyFile, row: number, layout: string | undefined): Html {
  const measure = MEASURES[layout ?? ''];
  const cell = (name: string, label: string) =>
    html`<input name="new-${name}-${row}" inputmode="decimal" aria-label="${label} of a new line" />`;
  return html`<tr>
    <td>
      <select name="new-target-${row}" aria-label="${measure ? 'Item' : 'Account'} of a new line">
        <option value="">Add a line…</option>
        ${targetsOf(file, layout).map(({ uid, members }) => html`<option value="${uid}">${members.Name}</option>`)}
      </select>
    </td>
    <td><input name="new-description-${row}" aria-label="Description of a new line" /></td>
    <td class="number">${measure ? cell('quantity', 'Quantity') : ''}</td>
    <td class="number">${measure ? cell('price', 'Price') : ''}</td>
    <td class="number">${measure ? '' : cell('amount', 'Amount')}</td>
    <td></td>
  </tr>`;
}

function targetsOf(file: CompanyFile, layout: string | undefined): Stored[] {
  if (layout === 'Item') {
    return [...file.collection('Inventory/Item').all()].filter(({ members }) => members.IsSold && members.IsActive);
  }
  return [...file.collection('GeneralLedger/Account').all()].filter(
    ({ members }) => members.Classification === 'Income' && members.IsHeader !== true,
  );
}

/** The form as the members that a person changed. */
export function changedInvoice({ members, layout }: Stored, file: CompanyFile, form: URLSearchParams): Members {
  const text = (name: string) => form.get(name)?.replaceAll('\r\n', '\n').trim() ?? '';
  const lines = (members.Lines as Line[])
    .filter((line) => !form.has(`remove-${line.RowID}`))
    .map((line) => (countsMoney(line) ? editedLine(line, layout, form) : line));
  for (let row = 0; row < NEW_ROWS; row++) {
    const added = addedLine(members, file, layout, form, row);
    if (added) lines.push(added);
  }
  return {
    Number: text('number'),
    Date: atMidnight(text('date')),
    CustomerPurchaseOrderNumber: text('order'),
    JournalMemo: text('memo'),
    Lines: lines,
  };
}

function editedLine(line: Line, layout: string | undefined, form: URLSearchParams): Line {
  const measure = MEASURES[layout ?? ''];
  const read = (name: string, before: unknown) => {
    const sent = form.get(`${name}-${line.RowID}`);
    return sent === null ? before : number(name, sent);
  };
  const described = { ...line, Description: form.get(`description-${line.RowID}`) ?? line.Description };
  if (!measure) return { ...described, Total: read('amount', line.Total) as number };
  const quantity = read('quantity', line[measure.quantity]);
  const price = read('price', line[measure.price]);
  if (quantity === line[measure.quantity] && price === line[measure.price]) return described;
  return { ...described, [measure.quantity]: quantity, [measure.price]: price, Total: null };
}

function addedLine(
  members: Members,
  file: CompanyFile,
  layout: string | undefined,
  form: URLSearchParams,
  row: number,
): Line | undefined {
  const target = form.get(`new-target-${row}`) ?? '';
  if (target === '') return undefined;
  const read = (name: string, otherwise: string) => number(name, form.get(`new-${name}-${row}`) || otherwise);
  const usual = (members.Lines as Line[]).find((line) => line.TaxCode)?.TaxCode;
  const TaxCode = usual ?? file.linked(members.Customer)?.TaxCode;
  const shared = { Type: 'Transaction', Description: form.get(`new-description-${row}`) || undefined, TaxCode };
  const link: Link = { UID: target };
  if (layout !== 'Item') return { ...shared, Account: link, Total: read('amount', '0') };
  return { ...shared, Item: link, ShipQuantity: read('quantity', '1'), UnitPrice: read('price', '0') };
}

function number(name: string, text: string): number {
  const plain = text.trim().replaceAll(',', '');
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(plain)) throw refusal('SerializationError', name);
  return new Decimal(decimal(plain)).toDecimalPlaces(6).toNumber();
}
