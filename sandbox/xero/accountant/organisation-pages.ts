import { html, type Html } from '../../html.ts';
import type { Stored } from '../collection.ts';
import type { Organisation } from '../organisation.ts';
import { wholePage } from '../page-style.ts';
import { contactName, currencyShown, money } from './view.ts';

const INVOICES_PER_PAGE = 25;
const CONTACTS_SHOWN = 60;

export function organisationsPage(organisations: readonly Organisation[], home: string): string {
  const cards = organisations.map(
    (organisation) =>
      html`<div class="card">
        <div class="head">
          <h2><a href="${home}/${organisation.tenantId}">${organisation.settings.Name}</a></h2>
          <span class="tag quiet">${organisation.settings.CountryCode} · ${organisation.baseCurrency}</span>
        </div>
        <div class="body muted">
          ${organisation.collection('Invoices').size} invoices and bills, ${organisation.collection('Contacts').size}
          contacts<br /><span class="small">Tenant ${organisation.tenantId}</span>
        </div>
      </div>`,
  );
  const content = html`<h1>Play the accountant</h1>
    <p class="lead">Choose an organisation and change its books, the way a person does it in the product.</p>
    ${cards}`;
  return wholePage('Play the accountant', content, { home });
}

/** Recent invoices and bills beside the contacts. */
export function organisationPage(
  organisation: Organisation,
  root: string,
  home: string,
  params: URLSearchParams,
): string {
  const { Name, BaseCurrency } = organisation.settings;
  const search = params.get('search')?.trim() ?? '';
  const number = Math.max(1, Number(params.get('page')) || 1);
  const found = invoicesOf(organisation, search);
  const shown = found.slice((number - 1) * INVOICES_PER_PAGE, number * INVOICES_PER_PAGE);
  const pages = Math.max(1, Math.ceil(found.length / INVOICES_PER_PAGE));
  const link = (to: number, text: string) =>
    html`<a href="?page=${to}${search === '' ? '' : html`&amp;search=${encodeURIComponent(search)}`}">${text}</a>`;
  const content = html` <div class="crumbs"><a href="${home}">Organisations</a></div>
    <h1>${Name}</h1>
    <p class="lead">Tenant ${organisation.tenantId} · ${BaseCurrency}</p>
    <div class="columns">
      <section class="card">
        <div class="head">
          <h2>Invoices and bills</h2>
          <form class="actions" method="get">
            <input
              name="search"
              value="${search}"
              placeholder="Number or contact"
              aria-label="Number or contact"
              style="width: 190px; padding: 4px 10px"
            /><button style="padding: 4px 12px">Find</button>
          </form>
        </div>
        <table>
          <thead>
            <tr>
              <th>No.</th>
              <th>Contact</th>
              <th>Date</th>
              <th class="number">Total</th>
              <th>State</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map((invoice) => invoiceRow(organisation, invoice, root))}
          </tbody>
        </table>
        ${shown.length === 0 ? html`<div class="body muted">No invoice found.</div>` : ''}
        <div class="totals small">
          ${number > 1 ? link(number - 1, 'Newer') : ''}<span>Page ${number} of ${pages}</span
          >${number < pages ? link(number + 1, 'Older') : ''}
        </div>
      </section>
      <section class="card">
        <div class="head"><h2>Contacts</h2></div>
        <table>
          <tbody>
            ${contactsOf(organisation).map(
              ({ id, fields }) =>
                html`<tr>
                  <td><a href="${root}/contact/${id}">${fields.Name}</a></td>
                  <td class="muted small">${fields.EmailAddress}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </section>
    </div>`;
  return wholePage(String(Name), content, { home });
}

function invoicesOf(organisation: Organisation, search: string): Stored[] {
  const wanted = search.toLowerCase();
  const all = [...organisation.collection('Invoices').all()].reverse();
  if (wanted === '') return all;
  return all.filter(
    ({ fields }) =>
      String(fields.InvoiceNumber ?? '')
        .toLowerCase()
        .includes(wanted) || contactName(organisation, fields.contact).toLowerCase().includes(wanted),
  );
}

function contactsOf(organisation: Organisation): Stored[] {
  return [...organisation.collection('Contacts').all()]
    .filter(({ fields }) => fields.ContactStatus === 'ACTIVE')
    .sort((a, b) => String(a.fields.Name).localeCompare(String(b.fields.Name)))
    .slice(0, CONTACTS_SHOWN);
}

function invoiceRow(organisation: Organisation, { id, fields }: Stored, root: string): Html {
  return html`<tr>
    <td><a href="${root}/invoice/${id}">${fields.InvoiceNumber ?? 'without number'}</a></td>
    <td>${contactName(organisation, fields.contact)}</td>
    <td class="date">${fields.Date}</td>
    <td class="number">${money(fields.Total, currencyShown(organisation, fields.CurrencyCode))}</td>
    <td>${stateTag(organisation, fields)}</td>
  </tr>`;
}

const STATES: Readonly<Record<string, string>> = {
  DRAFT: 'Draft',
  SUBMITTED: 'Awaiting approval',
  PAID: 'Paid',
  VOIDED: 'Voided',
  DELETED: 'Deleted',
};

/** The state as a person would say it. */
export function stateTag(organisation: Organisation, fields: Record<string, unknown>): Html {
  const { Status, DueDate, Type } = fields;
  const bill = Type === 'ACCPAY' ? 'Bill · ' : '';
  const known = STATES[String(Status)];
  if (Status === 'PAID') return html`<span class="tag">${bill}Paid</span>`;
  if (known !== undefined) return html`<span class="tag quiet">${bill}${known}</span>`;
  if (String(DueDate) < organisation.today()) return html`<span class="tag overdue">${bill}Overdue</span>`;
  return html`<span class="tag quiet">${bill}Awaiting payment</span>`;
}
