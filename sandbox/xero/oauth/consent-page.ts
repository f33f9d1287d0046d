import { html } from '../../html.ts';
import { wholePage } from '../page-style.ts';
import { PEOPLE, type Person } from './people.ts';

interface Choice {
  tenantId: string;
  name: string;
  country: string;
}

/** Where a person chooses the organisation that the app may use, or says no. */
export function consentPage(
  params: URLSearchParams,
  choices: readonly Choice[],
  preferred: string | undefined,
  person: Person,
): string {
  const chosen = preferred ?? choices[0]?.tenantId;
  const hidden = [...params].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
  const content = html` <h1>Connect your organisation</h1>
    <p class="lead">
      The app <b>${params.get('client_id')}</b> asks to read and change the accounting data of one organisation.
    </p>
    <form method="post" action="authorize" class="card">
      <div class="body">
        ${hidden}
        <label style="margin-bottom: 18px"
          ><span>Signed in as</span
          ><select name="person">
            ${PEOPLE.map(
              ({ email, given, family }) =>
                html`<option value="${email}" ${email === person.email ? html` selected` : ''}>
                  ${given} ${family}
                </option>`,
            )}
          </select></label
        >
        ${choices.map(
          (choice) =>
            html`<label class="choice"
              ><input
                type="radio"
                name="realm"
                value="${choice.tenantId}"
                ${choice.tenantId === chosen ? html` checked` : ''}
              />
              <div>${choice.name}<small>${choice.country}</small></div></label
            >`,
        )}
        <div class="actions" style="margin-top: 18px">
          <button class="main" name="decision" value="connect">Allow access</button
          ><button name="decision" value="cancel">Cancel</button>
        </div>
      </div>
    </form>
    <p class="small muted">You can disconnect at any time in the organisation's settings.</p>`;
  return wholePage('Connect your organisation', content, { home: '../../', narrow: true });
}

export function refusalPage(problem: string): string {
  const content = html`<h1>This request cannot be followed</h1>
    <div class="message problem" style="margin-top: 16px">${problem}</div>`;
  return wholePage('Request refused', content, { home: '../../', narrow: true });
}
