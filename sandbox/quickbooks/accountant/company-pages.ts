import { Decimal, decimal } from '../../amounts.ts';
import type { Company } from '../company.ts';
import type { Entity } from '../entity.ts';
import { html, type Html } from '../../html.ts';
import { wholePage } from '../page-style.ts';

const INVOICES_PER_PAGE = 25;
const CUSTOMERS_SHOWN = 60;

export function companiesPage(companies: readonly Company[], home: string): string {
  const cards = companies.map((company) => {
    const info = company.object('CompanyInfo', '1');
    return html`<div class="card">
      <div class="head">
        <h2><a href="${home}/${company.realmId}">${info?.CompanyName}</a></h2>
        <span class="tag quiet">${info?.Country} · ${company.homeCurrency}</span>
      </div>
      <div class="body muted">
        ${company.collection('Invoice').size} invoices, ${company.collection('Customer').size} customers,
        ${company.collection('Vendor').size} vendors<br /><span class="small">Company ${company.realmId}</span>
      </div>
    </div>`;
  });
  const content = html`<h1>Play the accountant</h1>
    <p class="lead">Choose a company and change its books, the way a person does it in the product.</p>
    ${cards}`;
  return wholePage('Play the accountant', content, { home });
}

/** Recent invoices beside the customers. */
export function companyPage(company: Company, root: string, home: string, params: URLSearchParams): string {
  const name = company.object('CompanyInfo', '1')?.CompanyName;
  const search = params.get('search')?.trim() ?? '';
  const number = Math.max(1, Number(params.get('page')) || 1);
  const found = invoicesOf(company, search);
  const shown = found.slice((number - 1) * INVOICES_PER_PAGE, number * INVOICES_PER_PAGE);
  const pages = Math.max(1, Math.ceil(found.length / INVOICES_PER_PAGE));
  const link = (to: number, text: string) =>
    html`<a href="?page=${to}${search === '' ? '' : html`&amp;search=${encodeURIComponent(search)}`}">${text}</a>`;
  const content = html` <div class="crumbs"><a href="${home}">Companies</a></div>
    <h1>${name}</h1>
    <p class="lead">Company ${company.realmId} · ${company.homeCurrency}</p>
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
            ${shown.map((invoice) => invoiceRow(company, invoice, root))}
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
            ${customersOf(company).map(
              (customer) =>
                html`<tr>
                  <td><a href="${root}/customer/${customer.Id}">${customer.FullyQualifiedName}</a></td>
                  <td class="number">${money(customer.Balance, currencyShown(company, customer))}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </section>
    </div>`;
  return wholePage(String(name), content, { home });
}

function invoicesOf(company: Company, search: string): Entity[] {
  const wanted = search.toLowerCase();
  const all = [...company.collection('Invoice').all()].map((stored) => stored.object).reverse();
  if (wanted === '') return all;
  return all.filter(
    (invoice) =>
      invoice.DocNumber?.toLowerCase().includes(wanted) ||
      customerName(company, invoice).toLowerCase().includes(wanted),
  );
}

function customersOf(company: Company): Entity[] {
  return [...company.collection('Customer').all()]
    .map((stored) => stored.object)
    .filter((customer) => customer.Active !== false)
    .sort((a, b) => String(a.FullyQualifiedName).localeCompare(String(b.FullyQualifiedName)))
    .slice(0, CUSTOMERS_SHOWN);
}

function invoiceRow(company: Company, invoice: Entity, root: string): Html {
  return html`<tr>
    <td><a href="${root}/invoice/${invoice.Id}">${invoice.DocNumber ?? `#${invoice.Id}`}</a></td>
    <td>${customerName(company, invoice)}</td>
    <td class="date">${invoice.TxnDate}</td>
    <td class="number">${money(invoice.TotalAmt, currencyShown(company, invoice))}</td>
    <td>${stateTag(company, invoice)}</td>
  </tr>`;
}

export function customerName(company: Company, invoice: Entity): string {
  return company.nameOf('Customer', invoice.CustomerRef?.value ?? '') ?? '';
}

/** The state a person would read off an invoice; the API has no such field. */
export function stateTag(company: Company, invoice: Entity): Html {
  const isVoid = company.find('Invoice', invoice.Id)?.hidden.voided === true;
  if (isVoid) return html`<span class="tag quiet">Voided</span>`;
  if (invoice.Balance === 0) return html`<span class="tag">Paid</span>`;
  if (String(invoice.DueDate) < company.today()) return html`<span class="tag overdue">Overdue</span>`;
  return html`<span class="tag quiet">${invoice.Balance === invoice.TotalAmt ? 'Open' : 'Part paid'}</span>`;
}

export function currencyShown(company: Company, object: Entity): string {
  return company.multiCurrency ? ` ${object.CurrencyRef?.value ?? company.homeCurrency}` : '';
}

/** Who changed the object last and when, for people. */
export function lastChange({ SyncToken, MetaData }: Entity): string {
  const at = MetaData.LastUpdatedTime.slice(0, 16).replace('T', ', ');
  return `version ${SyncToken}, last changed by ${MetaData.LastModifiedByRef?.name ?? 'nobody'} on ${at}`;
}

export function money(value: unknown, currency = ''): string {
  const [units = '0', cents = '00'] = new Decimal(decimal(value)).toFixed(2).split('.');
  return `${units.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}${currency}`;
}
