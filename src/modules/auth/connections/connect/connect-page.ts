import { createHash } from 'node:crypto';

const STYLE = `
:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;font:16px/1.6 system-ui,-apple-system,"Segoe UI",sans-serif;color:#1d2b2f;background:#eef3f2}
main{width:100%;max-width:440px;padding:36px 36px 28px;background:#fff;border:1px solid #dde6e4;border-radius:16px;box-shadow:0 12px 32px rgba(20,50,45,.08)}
h1{margin:0 0 12px;font-size:22px;line-height:1.3}
p{margin:0 0 14px;color:#4a5c5f}
strong{color:#1d2b2f}
button{width:100%;margin:10px 0 4px;padding:13px 20px;font:inherit;font-weight:600;color:#fff;background:#1d6b4f;border:0;border-radius:10px;cursor:pointer}
button:hover{background:#175741}
button:focus-visible,a:focus-visible{outline:3px solid #8cc7b1;outline-offset:2px}
a{color:#1d6b4f}
.cancel{display:block;padding:8px;text-align:center}
small{display:block;margin-top:16px;padding-top:14px;border-top:1px solid #e6edeb;color:#6b7c7f;font-size:13.5px}
@media (prefers-color-scheme:dark){body{color:#e2ebe9;background:#12191a}main{background:#1a2425;border-color:#2a3839;box-shadow:none}p{color:#a9b9b8}strong{color:#e2ebe9}small{border-color:#2a3839;color:#8fa1a0}a{color:#79c4a8}}
`;

/** For the content security policy: our own style and nothing else. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

export interface ConfirmPage {
  readonly provider: string;
  readonly tenant: string;
  /** The person who asked for it, where there is one. */
  readonly person: string | undefined;
  readonly reconnects: boolean;
  /** Where a person goes who would rather not. */
  readonly cancel: string;
}

/** Names the provider and who asks, before anybody is sent anywhere. */
export const confirmPage = ({ provider, tenant, person, reconnects, cancel }: ConfirmPage): string => {
  const title = `${reconnects ? 'Reconnect' : 'Connect'} ${provider}`;
  const asks = `<strong>${escaped(tenant)}</strong> asks for access to ${reconnects ? 'the' : 'a'} company in <strong>${escaped(provider)}</strong>, to keep its records and your books in agreement.`;
  return page(
    title,
    `<p>${asks}</p>
${person === undefined ? '' : `<p>This was started by <strong>${escaped(person)}</strong>. If you do not know who that is, go no further.</p>`}
<form method="post"><button type="submit">Continue to ${escaped(provider)}</button></form>
<a class="cancel" href="${escaped(cancel)}" rel="noreferrer">Cancel</a>
<small>You sign in and choose the company at ${escaped(provider)}. Your password stays there, and you can disconnect at any time.</small>`,
  );
};

/** Says what is the matter where there is no address to send the browser back to. */
export const deadEndPage = (title: string, text: string): string => page(title, `<p>${escaped(text)}</p>`);

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1>
${content}
</main></body></html>
`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
