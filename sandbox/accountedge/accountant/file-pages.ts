import { decimal } from '../../amounts.ts';
import { html, type Html } from '../../html.ts';
import { dayOf, utcDay } from '../calendar.ts';
import type { CompanyFile } from '../company-file.ts';
import { wholePage } from '../page-style.ts';
import type { Stored } from '../record.ts';
import { nameOf } from '../resources/cards.ts';
import type { Members } from '../shape.ts';

const INVOICES_PER_PAGE = 25;
const CUSTOMERS_SHOWN = 60;

export function filesPage(files: readonly CompanyFile[], home: string): string {
  const cards = files.map(
    (file) =>
      html`<div class="card">
        <div class="head">
          <h2><a href="${home}/${file.uid}">${file.name}</a></h2>
          <span class="tag quiet">${file.country} · ${file.currency}</span>
        </div>
        <div class="body muted">
          ${file.collection('Sale/Invoice').size} invoices, ${file.collection('Contact/Customer').size} customers,
          ${file.collection('Contact/Supplier').size} suppliers<br /><span class="small">Company file ${file.uid}</span>
        </div>
      </div>`,
  );
  const content = html`<h1>Play the accountant</h1>
    <p class="lead">Choose a company file and change its books, the way a person does it at the desktop.</p>
    ${cards}`;
  return wholePage('Play the accountant', content, { home });
}

/** Recent invoices beside the customers. */
export function filePage(file: CompanyFile, root: string, home: string, params: URLSearchParams): string {
  const search = params.get('search')?.trim() ?? '';
  const number = Math.max(1, Number(params.get('page')) || 1);
  const found = invoicesOf(file, search);
  const shown = found.slice((number - 1) * INVOICES_PER_PAGE, number * INVOICES_PER_PAGE);
  const pages = Math.max(1, Math.ceil(found.length / INVOICES_PER_PAGE));
  const link = (to: number, text: string) =>
    html`<a href="?page=${to}${search === '' ? '' : html`&amp;search=${encodeURIComponent(search)}`}">${text}</a>`;
  const content = html` <div class="crumbs"><a href="${home}">Company files</a></div>
    <h1>${file.name}</h1>
    <p class="lead">Company file ${file.uid} · ${file.currency}</p>
    <div class="columns">
      <section class="card">
        <div class="head">
          <h2>Invoices</h2>
          <form class="actions" method="get">
            <input
              name="search"
              value="${search}"
              placeholder="Number or customer"
              aria-label="Number or customer"
              style="width: 190px; padding: 4px 10px"
            /><button style="padding: 4px 12px">Find</button>
          </form>
        </div>
        <table>
          <thead>
            <tr>
              <th>No.</th>
              <th>Customer</th>
              <th>Date</th>
              <th class="number">Total</th>
              <th>State</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map((invoice) => invoiceRow(file, invoice, root))}
          </tbody>
        </table>
        ${shown.length === 0 ? html`<div class="body muted">No invoice found.</div>` : ''}
        <div class="totals small">
          ${number > 1 ? link(number - 1, 'Newer') : ''}<span>Page ${number} of ${pages}</span
          >${number < pages ? link(number + 1, 'Older') : ''}
        </div>
      </section>
      <section class="card">
        <div class="head">
          <h2>Customers</h2>
          <span class="small muted">balance</span>
        </div>
        <table>
          <tbody>
            ${customersOf(file).map(
              (customer) =>
                html`<tr>
                  <td><a href="${root}/customer/${customer.uid}">${nameOf(customer.members)}</a></td>
                  <td class="number">${money(file.ledger.card(customer.uid).toString())}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </section>
    </div>`;
  return wholePage(file.name, content, { home });
}

function invoicesOf(file: CompanyFile, search: string): Stored[] {
  const wanted = search.toLowerCase();
  const all = [...file.collection('Sale/Invoice').all()].sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
  if (wanted === '') return all;
  return all.filter(
    ({ members }) =>
      String(members.Number).toLowerCase().includes(wanted) ||
      customerName(file, members).toLowerCase().includes(wanted),
  );
}

function keyOf({ members }: Stored): string {
  return `${dayOf(members.Date)} ${String(members.Number)}`;
}

function customersOf(file: CompanyFile): Stored[] {
  return [...file.collection('Contact/Customer').all()]
    .filter(({ members }) => members.IsActive !== false)
    .sort((a, b) => nameOf(a.members).localeCompare(nameOf(b.members)))
    .slice(0, CUSTOMERS_SHOWN);
}

function invoiceRow(file: CompanyFile, { uid, members }: Stored, root: string): Html {
  return html`<tr>
    <td><a href="${root}/invoice/${uid}">${members.Number}</a></td>
    <td>${customerName(file, members)}</td>
    <td class="date">${dayOf(members.Date)}</td>
    <td class="number">${money(members.TotalAmount)}</td>
    <td>${stateTag(file, members)}</td>
  </tr>`;
}

export function customerName(file: CompanyFile, members: Members): string {
  const customer = file.linked(members.Customer);
  return customer ? nameOf(customer) : '';
}

/** The state a person would read off an invoice. */
export function stateTag(file: CompanyFile, members: Members): Html {
  if (members.Status === 'Credit') return html`<span class="tag quiet">Credit</span>`;
  if (members.Status === 'Closed') return html`<span class="tag">Closed</span>`;
  const due = dayOf((members.Terms as Members).DueDate);
  if (due < utcDay(file.now())) return html`<span class="tag overdue">Overdue</span>`;
  return html`<span class="tag quiet"
    >${members.BalanceDueAmount === members.TotalAmount ? 'Open' : 'Part paid'}</span
  >`;
}

/** When the record was last changed, for people. */
export function lastChange({ lastModified }: Stored): string {
  return `last changed ${new Date(lastModified).toISOString().slice(0, 16).replace('T', ', ')} UTC`;
}

export function money(value: unknown): string {
  const [units = '0', fraction = '00'] = decimal(value).toFixed(2).split('.');
  return `${units.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction}`;
}
