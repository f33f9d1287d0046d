/** HTML that is safe by construction: everything put into a template is escaped unless it is HTML itself. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export function escaped(value: unknown): string {
  return String(value ?? '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export function html(parts: TemplateStringsArray, ...values: unknown[]): Html {
  const text = parts.reduce((soFar, part, index) => soFar + rendered(values[index - 1]) + part);
  return new Html(text);
}

function rendered(value: unknown): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(rendered).join('');
  if (value === false || value === undefined || value === null) return '';
  return escaped(value);
}
