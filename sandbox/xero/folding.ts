/** Text as the vendor compares it: without regard to letter case and accents (sheets 3.4 and 4.4). */
export function folded(text: string): string {
  // Most text has no accents, and taking it apart costs more than everything else here.
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  return text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase();
}
