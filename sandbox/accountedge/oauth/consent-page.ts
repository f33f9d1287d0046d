import { html } from '../../html.ts';
import { wholePage } from '../page-style.ts';

interface Choice {
  uid: string;
  name: string;
  about: string;
}

/** Where an administrator chooses the company file that the app may use, or says no. */
export function consentPage(
  params: URLSearchParams,
  choices: readonly Choice[],
  preferred: string | undefined,
): string {
  const chosen = preferred ?? choices[0]?.uid;
  const hidden = [...params].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
  const content = html` <h1>Connect your company file</h1>
    <p class="lead">
      The app <b>${params.get('client_id')}</b> asks to read and change one company file, as its administrator.
    </p>
    <form method="post" action="authorize" class="card">
      <div class="body">
        ${hidden}
        ${choices.map(
          (choice) =>
            html`<label class="choice"
              ><input
                type="radio"
                name="businessId"
                value="${choice.uid}"
                ${choice.uid === chosen ? html` checked` : ''}
              />
              <div>${choice.name}<small>${choice.about}</small></div></label
            >`,
        )}
        <div class="actions" style="margin-top: 18px">
          <button class="main" name="decision" value="connect">Connect</button
          ><button name="decision" value="cancel">Cancel</button>
        </div>
      </div>
    </form>
    <p class="small muted">You can end the connection at any time.</p>`;
  return wholePage('Connect your company file', content, { home: '../../', narrow: true });
}

export function refusalPage(problem: string): string {
  const content = html`<h1>This request cannot be followed</h1>
    <div class="message problem" style="margin-top: 16px">${problem}</div>`;
  return wholePage('Request refused', content, { home: '../../', narrow: true });
}
