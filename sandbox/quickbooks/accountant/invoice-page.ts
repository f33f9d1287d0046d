import { amount, decimal } from '../../amounts.ts';
import type { Company } from '../company.ts';
import type { Entity, Line, Reference } from '../entity.ts';
import { html, type Html } from '../../html.ts';
import { wholePage } from '../page-style.ts';
import type { Body } from '../shape.ts';
import { faults } from '../vendor-fault.ts';
import { currencyShown, customerName, lastChange, money, stateTag } from './company-pages.ts';
import { DEFAULT_EDITOR, type Message, type View } from './view.ts';

/** Empty rows at the end of the form, because a page without scripts cannot add one on demand. */
const NEW_ROWS = 2;

export function invoicePage({ company, object, root, home }: View, message: Message | undefined): string {
  const currency = currencyShown(company, object);
  const lines = object.Line ?? [];
  const memo = (object.CustomerMemo as { value?: string } | undefined)?.value;
  const title = `Invoice ${object.DocNumber ?? object.Id}`;
  const content = html` <div class="crumbs">
      <a href="${home}">Companies</a> / <a href="${root}">${company.object('CompanyInfo', '1')?.CompanyName}</a>
    </div>
    <h1>${title} ${stateTag(company, object)}</h1>
    <p class="lead">${customerName(company, object)} · ${lastChange(object)}</p>
    ${message && html`<div class="message ${message.isProblem ? 'problem' : ''}">${message.text}</div>`}
    <form method="post">
      <input type="hidden" name="version" value="${object.SyncToken}" />
      <div class="card">
        <div class="body">
          <div class="fields">
            <label><span>Number</span><input name="number" value="${object.DocNumber}" maxlength="21" /></label>
            <label><span>Invoice date</span><input type="date" name="date" value="${object.TxnDate}" required /></label>
            <label><span>Due date</span><input type="date" name="due" value="${object.DueDate}" /></label>
            <label><span>Edited by</span><input name="editor" value="${DEFAULT_EDITOR}" /></label>
            <label class="wide"
              ><span>Message to the customer</span><textarea name="memo" rows="2" maxlength="1000">${memo}</textarea>
            </label>
            <label class="wide"
              ><span>Internal note</span
              ><textarea name="note" rows="2" maxlength="4000">${object.PrivateNote}</textarea>
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
              <th style="width: 24%">Item</th>
              <th>Description</th>
              <th class="number" style="width: 11%">Quantity</th>
              <th class="number" style="width: 13%">Price</th>
              <th class="number" style="width: 13%">Amount</th>
              <th style="width: 9%" class="mark-off">Remove</th>
            </tr>
          </thead>
          <tbody>
            ${lines.map((line) => lineRow(company, line))}${Array.from({ length: NEW_ROWS }, (_, row) => newRow(company, row))}
          </tbody>
        </table>
        <div class="totals">
          <span>Tax<b>${money(object.TxnTaxDetail?.TotalTax, currency)}</b></span
          ><span>Total<b>${money(object.TotalAmt, currency)}</b></span
          ><span>Balance<b>${money(object.Balance, currency)}</b></span>
        </div>
      </div>
      <div class="actions">
        <button class="main" name="action" value="save">Save</button
        ><a href="${root}" class="small">Back without saving</a><span class="space"></span
        ><button class="danger" name="action" value="void">Void</button
        ><button class="danger" name="action" value="delete">Delete</button>
      </div>
    </form>`;
  return wholePage(title, content, { home });
}

function itemOf(line: Line): { ItemRef?: Reference; Qty?: number; UnitPrice?: number } {
  return (line.SalesItemLineDetail ?? {}) as { ItemRef?: Reference; Qty?: number; UnitPrice?: number };
}

function isEditable(line: Line): boolean {
  return line.DetailType === 'SalesItemLineDetail' && line.Id !== undefined;
}

function lineRow(company: Company, line: Line): Html {
  if (line.DetailType === 'SubTotalLineDetail') return html``;
  if (!isEditable(line)) {
    return html`<tr class="muted">
      <td>${WORDS[line.DetailType] ?? line.DetailType}</td>
      <td>${line.Description}</td>
      <td></td>
      <td></td>
      <td class="number">${line.Amount === undefined ? '' : money(line.Amount)}</td>
      <td></td>
    </tr>`;
  }
  const { ItemRef, Qty, UnitPrice } = itemOf(line);
  const field = (name: string) => `${name}-${line.Id}`;
  return html`<tr>
    <td>${company.nameOf('Item', ItemRef?.value ?? '')}</td>
    <td><input name="${field('description')}" value="${line.Description}" aria-label="Description" /></td>
    <td class="number">
      <input name="${field('quantity')}" value="${Qty}" inputmode="decimal" aria-label="Quantity" />
    </td>
    <td class="number">
      <input name="${field('price')}" value="${UnitPrice}" inputmode="decimal" aria-label="Price" />
    </td>
    <td class="number">${money(line.Amount)}</td>
    <td class="mark-off"><input type="checkbox" name="${field('remove')}" aria-label="Remove the line" /></td>
  </tr>`;
}

const WORDS: Readonly<Record<string, string>> = {
  DiscountLineDetail: 'Discount',
  DescriptionOnly: 'Text',
  GroupLineDetail: 'Bundle',
};

function newRow(company: Company, row: number): Html {
  const items = [...company.collection('Item').all()]
    .map((stored) => stored.object)
    .filter((item) => item.Active !== false && ['Service', 'NonInventory', 'Inventory'].includes(String(item.Type)));
  return html`<tr>
    <td>
      <select name="new-item-${row}" aria-label="Item of a new line">
        <option value="">Add a line…</option>
        ${items.map((item) => html`<option value="${item.Id}">${item.Name}</option>`)}
      </select>
    </td>
    <td><input name="new-description-${row}" aria-label="Description of a new line" /></td>
    <td class="number"><input name="new-quantity-${row}" inputmode="decimal" aria-label="Quantity of a new line" /></td>
    <td class="number"><input name="new-price-${row}" inputmode="decimal" aria-label="Price of a new line" /></td>
    <td></td>
    <td></td>
  </tr>`;
}

/** The form as a sparse update. Lines are sent only when one of them changed, so that a tax given by hand stays. */
export function changedInvoice(invoice: Entity, form: URLSearchParams): Body {
  const text = (name: string) => form.get(name)?.replaceAll('\r\n', '\n').trim() ?? '';
  const memo = text('memo');
  const lines: Line[] = [];
  let linesChanged = false;
  for (const line of invoice.Line ?? []) {
    if (line.DetailType === 'SubTotalLineDetail') continue;
    if (isEditable(line) && form.has(`remove-${line.Id}`)) {
      linesChanged = true;
      continue;
    }
    const edited = isEditable(line) ? editedLine(line, form) : undefined;
    lines.push(edited ?? line);
    linesChanged ||= edited !== undefined;
  }
  for (let row = 0; row < NEW_ROWS; row++) {
    const added = addedLine(form, row);
    if (added) lines.push(added);
    linesChanged ||= added !== undefined;
  }
  return {
    sparse: true,
    DocNumber: text('number'),
    TxnDate: text('date'),
    DueDate: text('due'),
    PrivateNote: text('note'),
    CustomerMemo: memo === '' ? '' : { value: memo },
    ...(linesChanged && { Line: lines }),
  };
}

/** The line as edited; undefined when nothing about it changed. */
function editedLine(line: Line, form: URLSearchParams): Line | undefined {
  const detail = itemOf(line);
  const description = form.get(`description-${line.Id}`) ?? line.Description ?? '';
  const quantity = number('Quantity', form.get(`quantity-${line.Id}`) ?? String(detail.Qty ?? 1));
  const price = number('Price', form.get(`price-${line.Id}`) ?? String(detail.UnitPrice ?? 0));
  const sameMoney = quantity === detail.Qty && price === detail.UnitPrice;
  if (sameMoney && description === (line.Description ?? '')) return undefined;
  const described = { ...line, Description: description };
  if (sameMoney) return described;
  const changed: Record<string, unknown> = { ...detail, Qty: quantity, UnitPrice: price };
  delete changed.TaxInclusiveAmt;
  return { ...described, Amount: amount(decimal(quantity).times(decimal(price))), SalesItemLineDetail: changed };
}

function addedLine(form: URLSearchParams, row: number): Line | undefined {
  const item = form.get(`new-item-${row}`) ?? '';
  if (item === '') return undefined;
  const quantity = number('Quantity', form.get(`new-quantity-${row}`) || '1');
  const price = number('Price', form.get(`new-price-${row}`) || '0');
  return {
    DetailType: 'SalesItemLineDetail',
    Description: form.get(`new-description-${row}`) || undefined,
    Amount: amount(decimal(quantity).times(decimal(price))),
    SalesItemLineDetail: { ItemRef: { value: item }, Qty: quantity, UnitPrice: price },
  };
}

function number(name: string, text: string): number {
  const plain = text.trim().replaceAll(',', '');
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(plain)) throw faults.number(name, text);
  return decimal(plain).toDecimalPlaces(7).toNumber();
}
