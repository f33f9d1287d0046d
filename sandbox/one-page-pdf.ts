import type { Answer } from './answer.ts';

/** A real PDF of one page with one line of words on it. */
export function onePagePdf(words: string): Answer {
  const content = `BT /F1 14 Tf 72 720 Td (${words.replace(/[^\x20-\x7e]|[()\\]/g, ' ')}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((each, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${each}\nendobj\n`;
    return String(offset).padStart(10, '0');
  });
  const start = body.length;
  const rows = offsets.map((offset) => `${offset} 00000 n \n`).join('');
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  body += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return { status: 200, contentType: 'application/pdf', body };
}
