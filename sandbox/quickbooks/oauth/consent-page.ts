import { html } from '../../html.ts';
import { wholePage } from '../page-style.ts';

interface Choice {
  realmId: string;
  name: string;
  country: string;
}

/** Where a person chooses the company that the app may use, or says no. */
export function consentPage(
  params: URLSearchParams,
  choices: readonly Choice[],
  preferred: string | undefined,
): string {
  const chosen = preferred ?? choices[0]?.realmId;
  const hidden = [...params].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
  const content = html` <h1>Connect your books</h1>
    <p class="lead">
      The app <b>${params.get('client_id')}</b> asks to read and change the accounting data of one company.
    </p>
    <form method="post" action="oauth2" class="card">
      <div class="body">
        ${hidden}
        ${choices.map(
          (choice) =>
            html`<label class="choice"
              ><input
                type="radio"
                name="realm"
                value="${choice.realmId}"
                ${choice.realmId === chosen ? html` checked` : ''}
              />
              <div>${choice.name}<small>${choice.country} · company ${choice.realmId}</small></div></label
            >`,
        )}
        <div class="actions" style="margin-top: 18px">
          <button class="main" name="decision" value="connect">Connect</button
          ><button name="decision" value="cancel">Cancel</button>
        </div>
      </div>
    </form>
    <p class="small muted">You can end the connection at any time in the company's settings.</p>`;
  return wholePage('Connect your books', content, { home: '../', narrow: true });
}

export function refusalPage(problem: string): string {
  const content = html`<h1>This request cannot be followed</h1>
    <div class="message problem" style="margin-top: 16px">${problem}</div>`;
  return wholePage('Request refused', content, { home: '../', narrow: true });
}
