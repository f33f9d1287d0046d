import { cents, decimal } from '../amounts.ts';
import { addDays, atMidnight, dayOfMonth } from './calendar.ts';
import { choice, date, group, money, number, readOnly, whole, withInitial, type Members } from './shape.ts';

/** Payment terms: a value on cards, documents and preferences, never a record of their own (sheet 6.6). */

const PAYMENT_IS_DUE = [
  'CashOnDelivery',
  'Prepaid',
  'InAGivenNumberOfDays',
  'OnADayOfTheMonth',
  'NumberOfDaysAfterEOM',
  'DayOfMonthAfterEOM',
] as const;
type PaymentIsDue = (typeof PAYMENT_IS_DUE)[number];

const agreed = {
  PaymentIsDue: choice(PAYMENT_IS_DUE, 'CashOnDelivery'),
  DiscountDate: withInitial(whole(0), 0),
  BalanceDueDate: withInitial(whole(0), 0),
  DiscountForEarlyPayment: withInitial(number(0), 0),
  MonthlyChargeForLatePayment: withInitial(number(0), 0),
};

export const cardTerms = () => group({ ...agreed, VolumeDiscount: withInitial(number(0), 0) });

export const documentTerms = () =>
  group({
    ...agreed,
    DueDate: readOnly(date()),
    DiscountExpiryDate: readOnly(date()),
    Discount: readOnly(money()),
    FinanceCharge: readOnly(money()),
  });

export const CASH_ON_DELIVERY: Members = {
  PaymentIsDue: 'CashOnDelivery',
  DiscountDate: 0,
  BalanceDueDate: 0,
  DiscountForEarlyPayment: 0,
  MonthlyChargeForLatePayment: 0,
};

/** The terms of a document of that day and total, with the days and amounts they come to. */
export function appliedTerms(terms: Members, day: string, total: unknown): Members {
  const kind = terms.PaymentIsDue as PaymentIsDue;
  const discount = cents(decimal(total).times(decimal(terms.DiscountForEarlyPayment)).dividedBy(100));
  return {
    PaymentIsDue: kind,
    DiscountDate: terms.DiscountDate ?? 0,
    BalanceDueDate: terms.BalanceDueDate ?? 0,
    DiscountForEarlyPayment: terms.DiscountForEarlyPayment ?? 0,
    MonthlyChargeForLatePayment: terms.MonthlyChargeForLatePayment ?? 0,
    DueDate: atMidnight(dueDay(kind, day, Number(terms.BalanceDueDate ?? 0))),
    DiscountExpiryDate: atMidnight(terms.DiscountDate ? dueDay(kind, day, Number(terms.DiscountDate)) : day),
    Discount: discount.toNumber(),
    FinanceCharge: 0,
  };
}

/** 31 is the last day of whichever month it is. */
export function dueDay(kind: PaymentIsDue, day: string, number: number): string {
  switch (kind) {
    case 'CashOnDelivery':
    case 'Prepaid':
      return day;
    case 'InAGivenNumberOfDays':
      return addDays(day, number);
    case 'OnADayOfTheMonth': {
      const thisMonth = dayOfMonth(day, 0, number);
      return thisMonth >= day ? thisMonth : dayOfMonth(day, 1, number);
    }
    case 'NumberOfDaysAfterEOM':
      return addDays(dayOfMonth(day, 0, 31), number);
    case 'DayOfMonthAfterEOM':
      return dayOfMonth(day, 1, number);
  }
}
