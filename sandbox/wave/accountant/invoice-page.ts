import { Decimal } from '../../amounts.ts';
import { html, type Html } from '../../html.ts';
import type { Business } from '../business.ts';
import type { LineInput } from '../objects/form-lines.ts';
import { amountDue } from '../objects/invoice-status.ts';
import type { InvoiceInput } from '../objects/invoices.ts';
import { wholePage } from '../page-style.ts';
import type { Problems } from '../problems.ts';
import type { Invoice, Line } from '../records.ts';
import { customerName, shown, statusTag } from './business-pages.ts';
import type { Message, View } from './view.ts';

/** Empty rows at the end of the form, because a page without scripts cannot add one on demand. */
const NEW_ROWS = 2;

export function invoicePage({ business, row, root, home }: View<Invoice>, message: Message | undefined): string {
  const title = `Invoice ${row.invoiceNumber}`;
  const content = html` <div class="crumbs">
      <a href="${home}">Businesses</a> / <a href="${root}">${business.settings.name}</a>
    </div>
    <h1>${title} ${statusTag(business, row)}</h1>
    <p class="lead">${customerName(business, row)} · last changed ${new Date(row.modifiedAt).toISOString()}</p>
    ${message && html`<div class="message ${message.isProblem ? 'problem' : ''}">${message.text}</div>`}
    <form method="post">
      <input type="hidden" name="version" value="${row.modifiedAt}" />
      <div class="card">
        <div class="body">
          <div class="fields">
            <label><span>Number</span><input name="number" value="${row.invoiceNumber}" /></label>
            <label
              ><span>Invoice date</span><input type="date" name="date" value="${row.invoiceDate}" required
            /></label>
            <label><span>Due date</span><input type="date" name="due" value="${row.dueDate}" required /></label>
            <label><span>P.O. number</span><input name="poNumber" value="${row.poNumber}" /></label>
            <label class="wide"><span>Notes</span><textarea name="memo" rows="2">${row.memo}</textarea></label>
            <label class="wide"><span>Footer</span><textarea name="footer" rows="2">${row.footer}</textarea></label>
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
              <th style="width: 24%">Product</th>
              <th>Description</th>
              <th class="number" style="width: 11%">Quantity</th>
              <th class="number" style="width: 13%">Price</th>
              <th class="number" style="width: 13%">Amount</th>
              <th style="width: 9%" class="mark-off">Remove</th>
            </tr>
          </thead>
          <tbody>
            ${row.items.map((line) => lineRow(business, line))}${Array.from({ length: NEW_ROWS }, (_, place) =>
              newRow(business, place),
            )}
          </tbody>
        </table>
        <div class="totals">
          <span>Tax<b>${shown(row.taxTotal, row.currency)}</b></span
          ><span>Total<b>${shown(row.total, row.currency)}</b></span
          ><span>Due<b>${shown(amountDue(row).toFixed(), row.currency)}</b></span>
        </div>
      </div>
      <div class="actions">
        <button class="main" name="action" value="save">Save</button
        ><a href="${root}" class="small">Back without saving</a
        ><span class="space"></span
        >${row.stage === 'DRAFT' ? html`<button name="action" value="approve">Approve</button>` : ''}<button
          class="danger"
          name="action"
          value="delete"
        >
          Delete
        </button>
      </div>
    </form>`;
  return wholePage(title, content, { home });
}

function lineRow(business: Business, line: Line): Html {
  const field = (name: string) => `${name}-${line.id}`;
  return html`<tr>
    <td>${business.products.get(line.productId)?.name}</td>
    <td><input name="${field('description')}" value="${line.description}" aria-label="Description" /></td>
    <td class="number">
      <input name="${field('quantity')}" value="${line.quantity}" inputmode="decimal" aria-label="Quantity" />
    </td>
    <td class="number">
      <input name="${field('price')}" value="${line.unitPrice}" inputmode="decimal" aria-label="Price" />
    </td>
    <td class="number">${line.subtotal}</td>
    <td class="mark-off"><input type="checkbox" name="${field('remove')}" aria-label="Remove the line" /></td>
  </tr>`;
}

function newRow(business: Business, place: number): Html {
  const products = [...business.products.all()].filter((product) => !product.isArchived && product.incomeAccountId);
  return html`<tr>
    <td>
      <select name="new-product-${place}" aria-label="Product of a new line">
        <option value="">Add a line…</option>
        ${products.map((product) => html`<option value="${product.id}">${product.name}</option>`)}
      </select>
    </td>
    <td><input name="new-description-${place}" aria-label="Description of a new line" /></td>
    <td class="number">
      <input name="new-quantity-${place}" inputmode="decimal" aria-label="Quantity of a new line" />
    </td>
    <td class="number"><input name="new-price-${place}" inputmode="decimal" aria-label="Price of a new line" /></td>
    <td></td>
    <td></td>
  </tr>`;
}

/** The form as a patch. Lines are given only when one of them changed. */
export function changedInvoice(invoice: Invoice, form: URLSearchParams, problems: Problems): InvoiceInput {
  const text = (name: string) => form.get(name)?.replaceAll('\r\n', '\n').trim() ?? '';
  const orNull = (name: string) => (text(name) === '' ? null : text(name));
  const lines: LineInput[] = [];
  let isChanged = false;
  for (const line of invoice.items) {
    const taxes = line.taxes.map(({ salesTaxId }) => ({ salesTaxId }));
    if (form.has(`remove-${line.id}`)) {
      isChanged = true;
      continue;
    }
    const description = form.get(`description-${line.id}`) ?? line.description ?? '';
    const quantity = number('Quantity', form.get(`quantity-${line.id}`) ?? line.quantity, problems);
    const unitPrice = number('Price', form.get(`price-${line.id}`) ?? line.unitPrice, problems);
    const isSame =
      description === (line.description ?? '') && quantity.eq(line.quantity) && unitPrice.eq(line.unitPrice);
    isChanged ||= !isSame;
    lines.push({ productId: line.productId, description, quantity, unitPrice, taxes });
  }
  for (let place = 0; place < NEW_ROWS; place++) {
    const productId = text(`new-product-${place}`);
    if (productId === '') continue;
    isChanged = true;
    lines.push({
      productId,
      ...(text(`new-description-${place}`) !== '' && { description: text(`new-description-${place}`) }),
      ...(text(`new-quantity-${place}`) !== '' && {
        quantity: number('Quantity', text(`new-quantity-${place}`), problems),
      }),
      ...(text(`new-price-${place}`) !== '' && { unitPrice: number('Price', text(`new-price-${place}`), problems) }),
    });
  }
  return {
    invoiceNumber: text('number'),
    invoiceDate: text('date'),
    dueDate: text('due'),
    poNumber: orNull('poNumber'),
    memo: orNull('memo'),
    footer: orNull('footer'),
    ...(isChanged && { items: lines }),
  };
}

function number(name: string, text: string, problems: Problems): Decimal {
  const plain = text.trim().replaceAll(',', '');
  if (/^-?(\d+\.?\d*|\.\d+)$/.test(plain)) return new Decimal(plain);
  problems.add([name], `${name} is not a number: ${text}`);
  return new Decimal(0);
}
