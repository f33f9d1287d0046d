import { html } from '../../html.ts';
import { wholePage } from '../page-style.ts';

interface Choice {
  id: string;
  name: string;
  note: string;
  isEntitled: boolean;
}

/** Where a person chooses the businesses that the app may use, or says no. */
export function consentPage(
  params: URLSearchParams,
  choices: readonly Choice[],
  preferred: string | undefined,
): string {
  const chosen =
    choices.find((choice) => choice.id === preferred && choice.isEntitled) ?? choices.find((c) => c.isEntitled);
  const hidden = [...params].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
  const content = html` <h1>Connect your business</h1>
    <p class="lead">
      The app <b>${params.get('client_id')}</b> asks for: ${(params.get('scope') ?? '').split(' ').join(', ')}.
    </p>
    <form method="post" action="./" class="card">
      <div class="body">
        ${hidden}
        ${choices.map(
          (choice) =>
            html`<label class="choice"
              ><input
                type="checkbox"
                name="business"
                value="${choice.id}"
                ${choice === chosen ? html` checked` : ''}
                ${choice.isEntitled ? '' : html` disabled`}
              />
              <div>${choice.name}<small>${choice.note}</small></div></label
            >`,
        )}
        <div class="actions" style="margin-top: 18px">
          <button class="main" name="decision" value="connect">Allow</button
          ><button name="decision" value="cancel">Deny</button>
        </div>
      </div>
    </form>
    <p class="small muted">You can end the connection at any time in your account's settings.</p>`;
  return wholePage('Connect your business', content, { home: '../../accountant', narrow: true });
}

export function refusalPage(problem: string): string {
  const content = html`<h1>This request cannot be followed</h1>
    <div class="message problem" style="margin-top: 16px">${problem}</div>`;
  return wholePage('Request refused', content, { home: '../../accountant', narrow: true });
}
