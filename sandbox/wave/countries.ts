/** Countries, their currencies and, where the sandbox keeps them, their provinces. */

export interface Province {
  /** ISO 3166-2 with the country's prefix, such as `US-NC`. */
  code: string;
  name: string;
  slug: string;
}

export interface Country {
  code: string;
  name: string;
  nameWithArticle: string;
  currency: string | null;
  provinces: Province[];
}

const COUNTRIES_BY_CURRENCY: Readonly<Record<string, string>> = {
  AED: 'AE',
  ARS: 'AR',
  AUD: 'AU CC CX HM KI NF NR TV',
  BDT: 'BD',
  BGN: 'BG',
  BHD: 'BH',
  BRL: 'BR',
  CAD: 'CA',
  CHF: 'CH LI',
  CLP: 'CL',
  CNY: 'CN',
  COP: 'CO',
  CRC: 'CR',
  CZK: 'CZ',
  DKK: 'DK FO GL',
  DOP: 'DO',
  DZD: 'DZ',
  EGP: 'EG',
  ETB: 'ET',
  EUR: 'AD AT AX BE BL CY DE EE ES FI FR GF GP GR HR IE IT LT LU LV MC ME MF MQ MT NL PM PT RE SI SK SM TF VA YT',
  GBP: 'GB GG GS IM JE',
  GEL: 'GE',
  GHS: 'GH',
  HKD: 'HK',
  HUF: 'HU',
  IDR: 'ID',
  ILS: 'IL PS',
  INR: 'IN',
  ISK: 'IS',
  JMD: 'JM',
  JOD: 'JO',
  JPY: 'JP',
  KES: 'KE',
  KRW: 'KR',
  KWD: 'KW',
  KZT: 'KZ',
  LBP: 'LB',
  LKR: 'LK',
  MAD: 'MA EH',
  MUR: 'MU',
  MXN: 'MX',
  MYR: 'MY',
  NGN: 'NG',
  NOK: 'NO BV SJ',
  NPR: 'NP',
  NZD: 'NZ CK NU PN TK',
  OMR: 'OM',
  PEN: 'PE',
  PHP: 'PH',
  PKR: 'PK',
  PLN: 'PL',
  PYG: 'PY',
  QAR: 'QA',
  RON: 'RO',
  RSD: 'RS',
  RUB: 'RU',
  SAR: 'SA',
  SEK: 'SE',
  SGD: 'SG',
  THB: 'TH',
  TND: 'TN',
  TRY: 'TR',
  TTD: 'TT',
  TWD: 'TW',
  TZS: 'TZ',
  UAH: 'UA',
  UGX: 'UG',
  USD: 'US AS BQ EC FM GU IO MH MP PA PR PW SV TC TL UM VG VI',
  UYU: 'UY',
  VND: 'VN',
  XAF: 'CM CF CG GA GQ TD',
  XCD: 'AG AI DM GD KN LC MS VC',
  XOF: 'BF BJ CI GW ML NE SN TG',
  XPF: 'NC PF WF',
  ZAR: 'ZA',
};

const currencyOf = new Map(
  Object.entries(COUNTRIES_BY_CURRENCY).flatMap(([currency, countries]) =>
    countries.split(' ').map((country) => [country, currency] as const),
  ),
);

const PROVINCES: Readonly<Record<string, string>> = {
  AU: 'ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|SA South Australia|TAS Tasmania|VIC Victoria|WA Western Australia',
  CA: 'AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NS Nova Scotia|NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon',
  US: 'AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming',
};

const WITH_ARTICLE = new Set(['AE', 'BS', 'CD', 'CF', 'DO', 'GB', 'GM', 'MV', 'NL', 'PH', 'SC', 'US']);

const provinces = new Map<string, Province>();
const countries = new Map<string, Country>();

for (const [country, text] of Object.entries(PROVINCES)) {
  for (const part of text.split('|')) {
    const [short = '', ...words] = part.split(' ');
    const name = words.join(' ');
    const code = `${country}-${short}`;
    provinces.set(code, { code, name, slug: name.toLowerCase().replaceAll(' ', '-') });
  }
}

export function country(code: string): Country {
  let facts = countries.get(code);
  if (!facts) {
    const name = new Intl.DisplayNames(['en'], { type: 'region' }).of(code) ?? code;
    facts = {
      code,
      name,
      nameWithArticle: WITH_ARTICLE.has(code) ? `the ${name}` : name,
      currency: currencyOf.get(code) ?? null,
      provinces: [...provinces.values()].filter((province) => province.code.startsWith(`${code}-`)),
    };
    countries.set(code, facts);
  }
  return facts;
}

/**
 * A province by its code. Of countries whose provinces are not kept here, any code of the right form is one; undefined
 * for everything else.
 */
export function province(code: string): Province | undefined {
  const known = provinces.get(code);
  if (known) return known;
  const [, prefix] = /^([A-Z]{2})-[A-Z0-9]{1,3}$/.exec(code) ?? [];
  if (prefix === undefined || Object.hasOwn(PROVINCES, prefix)) return undefined;
  return { code, name: code, slug: code.toLowerCase() };
}
