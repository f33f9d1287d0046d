import { page, type Answer } from '../answer.ts';
import { html } from '../html.ts';
import type { Incoming } from '../incoming.ts';
import { onePagePdf } from '../one-page-pdf.ts';
import type { Business } from './business.ts';
import { businessId, childId } from './ids.ts';
import { viewEstimate } from './objects/estimates.ts';
import { viewInvoice } from './objects/invoices.ts';
import { wholePage } from './page-style.ts';
import type { Estimate, Invoice } from './records.ts';
import type { Vendor } from './vendor.ts';

/** Where `viewUrl` and `pdfUrl` lead: what the customer sees. Looking at an invoice or estimate is noted, as the vendor does. */
export class CustomerPages {
  private readonly vendor: Vendor;

  constructor(vendor: Vendor) {
    this.vendor = vendor;
  }

  /** Undefined when the path is none of theirs. */
  answer({ path }: Incoming): Answer | undefined {
    const [, kind, uuid, number, what] =
      /^\/(invoices|estimates)\/([0-9a-f-]{36})\/(\d+)(?:\/(pdf))?$/.exec(path) ?? [];
    const business = this.vendor.businesses.get(businessId(uuid ?? ''));
    if (!business) return undefined;
    if (kind === 'invoices') {
      const invoice = business.invoices.get(childId(business.uuid, 'Invoice', Number(number)));
      if (!invoice) return undefined;
      const title = `Invoice ${invoice.invoiceNumber}`;
      return what === 'pdf' ? print(title, invoice) : show(business, title, viewInvoice(business, invoice));
    }
    const estimate = business.estimates.get(childId(business.uuid, 'AREstimate', Number(number)));
    if (!estimate) return undefined;
    const title = `Estimate ${estimate.estimateNumber}`;
    return what === 'pdf' ? print(title, estimate) : show(business, title, viewEstimate(business, estimate));
  }
}

function print(title: string, form: Invoice | Estimate): Answer {
  return onePagePdf(`${title}  ${form.dueDate}  ${form.total} ${form.currency}`);
}

function show(business: Business, title: string, form: Invoice | Estimate): Answer {
  const content = html`<h1>${title}</h1>
    <p class="lead">${business.settings.name} to ${business.customers.get(form.customerId)?.name}</p>
    <section class="card">
      <table>
        <tbody>
          ${form.items.map(
            (line) =>
              html`<tr>
                <td>${line.description}</td>
                <td class="number">${line.quantity}</td>
                <td class="number">${line.unitPrice}</td>
                <td class="number">${line.subtotal}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      <div class="totals">
        <span>Total<b>${form.total} ${form.currency}</b></span>
      </div>
    </section>`;
  return page(wholePage(title, content, { home: '#', narrow: true }));
}
