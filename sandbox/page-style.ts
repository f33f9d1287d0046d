import { Html, html } from './html.ts';

const STYLE = `
:root { --ink: #1f2a2e; --soft: #5d6b70; --line: #dfe5e7; --paper: #ffffff; --wash: #f4f7f7; --accent: #1d6b4f; --warn: #a4402d; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--wash); color: var(--ink); font: 15px/1.5 system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
header.bar { background: var(--paper); border-bottom: 1px solid var(--line); }
header.bar > div, main { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
header.bar > div { display: flex; align-items: baseline; gap: 12px; padding-top: 14px; padding-bottom: 14px; }
header.bar .mark { font-weight: 650; } header.bar .note { color: var(--soft); font-size: 13px; }
header.bar a { color: inherit; text-decoration: none; }
main { padding-top: 28px; padding-bottom: 64px; }
main.narrow { max-width: 520px; }
h1 .tag { vertical-align: 3px; font-weight: 500; letter-spacing: 0; margin-left: 4px; }
h1 { font-size: 24px; font-weight: 620; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 16px; font-weight: 620; margin: 0; }
p.lead { color: var(--soft); margin: 0 0 24px; }
.crumbs { font-size: 13px; color: var(--soft); margin-bottom: 12px; } .crumbs a { color: var(--soft); }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; margin-bottom: 20px; overflow: hidden; }
.card > .head { padding: 14px 20px; border-bottom: 1px solid var(--line); display: flex; justify-content: space-between; align-items: baseline; gap: 12px; }
.card > .body { padding: 20px; }
.columns { display: grid; grid-template-columns: minmax(0, 9fr) minmax(0, 5fr); gap: 20px; align-items: start; }
table { width: 100%; border-collapse: collapse; } th, td { padding: 9px 10px; text-align: left; }
th:first-child, td:first-child { padding-left: 20px; } th:last-child, td:last-child { padding-right: 20px; }
td a { text-decoration: none; } td a:hover { text-decoration: underline; } td.date { white-space: nowrap; color: var(--soft); font-variant-numeric: tabular-nums; }
th { font-weight: 550; font-size: 12.5px; color: var(--soft); border-bottom: 1px solid var(--line); }
tbody tr + tr td { border-top: 1px solid #edf1f2; } tbody tr:hover td { background: #fafcfc; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
a { color: var(--accent); text-underline-offset: 2px; }
.tag { display: inline-block; padding: 1px 9px; border-radius: 20px; font-size: 12.5px; background: #eaf1ee; color: var(--accent); white-space: nowrap; }
.tag.overdue { background: #fbeeea; color: var(--warn); } .tag.quiet { background: #eef1f2; color: var(--soft); }
label { display: block; } label > span { display: block; margin-bottom: 4px; font-size: 13px; color: var(--soft); }
input, select, textarea { width: 100%; font: inherit; color: inherit; padding: 7px 10px; border: 1px solid #c9d2d5; border-radius: 6px; background: var(--paper); }
input:focus, select:focus, textarea:focus { outline: 2px solid #9cc7b6; outline-offset: 0; border-color: var(--accent); }
.fields { display: grid; grid-template-columns: repeat(4, 1fr); gap: 16px; } .fields .wide { grid-column: span 2; } .fields .full { grid-column: 1 / -1; }
table.lines td { padding: 6px 6px; vertical-align: middle; } table.lines th { padding: 8px 6px; }
table.lines td:first-child, table.lines th:first-child { padding-left: 20px; } table.lines td:last-child, table.lines th:last-child { padding-right: 20px; }
table.lines input { padding: 6px 8px; } table.lines .number input { text-align: right; } table.lines .mark-off { text-align: center; } table.lines .mark-off input { width: auto; }
.totals { display: flex; justify-content: flex-end; gap: 32px; padding: 14px 20px; border-top: 1px solid var(--line); color: var(--soft); } .totals b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; margin-left: 8px; }
.actions { display: flex; gap: 10px; align-items: center; } .actions .space { flex: 1; }
button { font: inherit; font-weight: 550; padding: 8px 18px; border-radius: 6px; border: 1px solid #c9d2d5; background: var(--paper); color: var(--ink); cursor: pointer; }
button:hover { background: #f1f5f5; } button.main { background: var(--accent); border-color: var(--accent); color: #fff; } button.main:hover { background: #17593f; }
button.danger { color: var(--warn); border-color: #e3c3bc; } button.danger:hover { background: #fbf3f1; }
.message { padding: 12px 16px; border-radius: 8px; margin-bottom: 20px; background: #eaf3ee; border: 1px solid #c9e0d5; } .message.problem { background: #fbf0ed; border-color: #eccdc5; color: #7c2f20; }
.muted { color: var(--soft); } .small { font-size: 13px; }
.choice { display: flex; gap: 12px; align-items: center; padding: 12px 14px; border: 1px solid var(--line); border-radius: 8px; margin-bottom: 10px; color: var(--ink); font-size: 15px; cursor: pointer; }
.choice:has(input:checked) { border-color: var(--accent); background: #f5faf8; } .choice input { width: auto; accent-color: var(--accent); } .choice small { color: var(--soft); display: block; }
@media (max-width: 780px) { .columns { grid-template-columns: 1fr; } .fields { grid-template-columns: 1fr 1fr; } }
`;

export interface Layout {
  /** Where the name in the bar leads. */
  home: string;
  narrow?: boolean;
}

/** Pages of one vendor in the sandboxes' own plain look; nothing is loaded from anywhere. */
export const pagesOf = (vendor: string) => (title: string, content: Html, layout: Layout) =>
  wholePage(vendor, title, content, layout);

function wholePage(vendor: string, title: string, content: Html, layout: Layout): string {
  const style = new Html(STYLE);
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${style}</style></head>
<body>
<header class="bar"><div><span class="mark"><a href="${layout.home}">${vendor} sandbox</a></span><span class="note">A stand-in. Nothing here is real.</span></div></header>
<main${new Html(layout.narrow ? ' class="narrow"' : '')}>${content}</main>
</body>
</html>`.text;
}
