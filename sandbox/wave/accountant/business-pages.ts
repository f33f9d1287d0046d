import { html, type Html } from '../../html.ts';
import type { Business } from '../business.ts';
import { bareId } from '../ids.ts';
import { invoiceStatus } from '../objects/invoice-status.ts';
import { wholePage } from '../page-style.ts';
import type { Invoice, InvoiceStatus, Party } from '../records.ts';

const INVOICES_PER_PAGE = 25;
const CUSTOMERS_SHOWN = 60;

export function businessesPage(businesses: readonly Business[], home: string): string {
  const cards = businesses.map(
    ({ uuid, settings, invoices, customers, vendors }) =>
      html`<div class="card">
        <div class="head">
          <h2><a href="${home}/${uuid}">${settings.name}</a></h2>
          <span class="tag quiet">${settings.address.countryCode} · ${settings.currency}</span>
        </div>
        <div class="body muted">
          ${invoices.size} invoices, ${customers.size} customers, ${vendors.size} vendors<br /><span class="small"
            >Business ${uuid}</span
          >
        </div>
      </div>`,
  );
  const content = html`<h1>Play the accountant</h1>
    <p class="lead">Choose a business and change its books, the way a person does it in the product.</p>
    ${cards}`;
  return wholePage('Play the accountant', content, { home });
}

/** Recent invoices beside the customers. */
export function businessPage(business: Business, root: string, home: string, params: URLSearchParams): string {
  const { settings, uuid } = business;
  const search = params.get('search')?.trim() ?? '';
  const number = Math.max(1, Number(params.get('page')) || 1);
  const found = invoicesOf(business, search);
  const shown = found.slice((number - 1) * INVOICES_PER_PAGE, number * INVOICES_PER_PAGE);
  const pages = Math.max(1, Math.ceil(found.length / INVOICES_PER_PAGE));
  const link = (to: number, text: string) =>
    html`<a href="?page=${to}${search === '' ? '' : html`&amp;search=${encodeURIComponent(search)}`}">${text}</a>`;
  const content = html` <div class="crumbs"><a href="${home}">Businesses</a></div>
    <h1>${settings.name}</h1>
    <p class="lead">Business ${uuid} · ${settings.currency}</p>
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
            ${shown.map((invoice) => invoiceRow(business, invoice, root))}
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
          <span class="small muted">currency</span>
        </div>
        <table>
          <tbody>
            ${customersOf(business).map(
              (customer) =>
                html`<tr>
                  <td><a href="${root}/customer/${bareId(customer.id)}">${customer.name}</a></td>
                  <td class="number">${customer.currency}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </section>
    </div>`;
  return wholePage(settings.name, content, { home });
}

function invoicesOf(business: Business, search: string): Invoice[] {
  const wanted = search.toLowerCase();
  const all = [...business.invoices.all()].reverse();
  if (wanted === '') return all;
  return all.filter(
    (invoice) =>
      invoice.invoiceNumber.toLowerCase().includes(wanted) ||
      customerName(business, invoice).toLowerCase().includes(wanted),
  );
}

function customersOf(business: Business): Party[] {
  return [...business.customers.all()]
    .filter((customer) => !customer.isArchived)
    .sort((a, b) => a.name.localeCompare(b.name))
    .slice(0, CUSTOMERS_SHOWN);
}

function invoiceRow(business: Business, invoice: Invoice, root: string): Html {
  return html`<tr>
    <td><a href="${root}/invoice/${bareId(invoice.id)}">${invoice.invoiceNumber}</a></td>
    <td>${customerName(business, invoice)}</td>
    <td class="date">${invoice.invoiceDate}</td>
    <td class="number">${shown(invoice.total, invoice.currency)}</td>
    <td>${statusTag(business, invoice)}</td>
  </tr>`;
}

export function customerName(business: Business, invoice: Invoice): string {
  return business.customers.get(invoice.customerId)?.name ?? '';
}

const WORDS: Readonly<Record<InvoiceStatus, string>> = {
  DRAFT: 'Draft',
  OVERDUE: 'Overdue',
  OVERPAID: 'Overpaid',
  PAID: 'Paid',
  PARTIAL: 'Part paid',
  SAVED: 'Unsent',
  SENT: 'Sent',
  UNPAID: 'Unpaid',
  VIEWED: 'Viewed',
};

export function statusTag(business: Business, invoice: Invoice): Html {
  const status = invoiceStatus(business, invoice);
  const look = status === 'OVERDUE' ? ' overdue' : status === 'PAID' ? '' : ' quiet';
  return html`<span class="tag${look}">${WORDS[status]}</span>`;
}

/** An amount for people. */
export function shown(amount: string, currency: string): string {
  return `${amount.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','))} ${currency}`;
}
