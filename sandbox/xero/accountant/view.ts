import { Decimal, decimal } from '../../amounts.ts';
import type { Stored } from '../collection.ts';
import type { Organisation } from '../organisation.ts';

/** What an edit page shows. */
export interface View {
  organisation: Organisation;
  stored: Stored;
  /** Path of the organisation's pages. */
  root: string;
  home: string;
}

export interface Message {
  text: string;
  isProblem: boolean;
}

export function money(value: unknown, currency = ''): string {
  const [units = '0', cents = '00'] = new Decimal(decimal(value)).toFixed(2).split('.');
  return `${units.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}${currency}`;
}

export function contactName(organisation: Organisation, contact: unknown): string {
  return String(organisation.fields('Contacts', contact)?.Name ?? '');
}

export function currencyShown(organisation: Organisation, currency: unknown): string {
  return organisation.settings.multiCurrency === true ? ` ${String(currency ?? organisation.baseCurrency)}` : '';
}

/** When the object was changed last, for people. */
export function lastChange({ updatedAt }: Stored): string {
  return `last changed on ${new Date(updatedAt).toISOString().slice(0, 16).replace('T', ', ')} UTC`;
}
