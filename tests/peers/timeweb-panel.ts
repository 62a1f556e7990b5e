import { html, type Html } from './html.ts';
import type { Account } from './timeweb-account.ts';

const STATUSES = ['on', 'off', 'rebooting', 'no_paid', 'blocked', 'removed'];
const FAULTS = {
  empty_401: '401 без тела',
  array_400: '400, message списком',
  html_502: '502 с HTML',
  not_json: '200 с HTML',
  garbage: '200 без данных',
  limited: '429',
};

export function renderTimeweb(
  { servers, costs, finances }: Account,
  calls: Record<string, number>,
  fault: keyof typeof FAULTS | undefined,
): Html {
  const asked = Object.entries(calls).map(([endpoint, count]) => `${endpoint}: ${count}`);
  const paid = new Map(costs.map((cost) => [cost.service_id, cost.total_cost]));
  return html`
    <p>
      ${servers.length} серверов, баланс ${String(finances['balance'])} ${finances['currency']}
      ${fault && html`<b class="bad">${FAULTS[fault]}</b>`}
    </p>
    <p class="dim">${asked.length > 0 ? asked.join(', ') : 'ничего не спрашивали'}</p>
    <details>
      <summary>серверы</summary>
      <div class="scroll">
        <table>
          <tr>
            <th>Id</th>
            <th>Имя</th>
            <th>Состояние</th>
            <th class="right">₽/мес</th>
            <th></th>
          </tr>
          ${servers.slice(0, 100).map(
            ({ id, name, status }) => html`
              <tr>
                <td class="num">${id}</td>
                <td>${name}</td>
                <td class="${status === 'on' ? 'good' : 'bad'}">${status}</td>
                <td class="right num">${paid.get(id) ?? '—'}</td>
                <td>
                  <form class="inline" data-path="timeweb/${id}">
                    <select name="status" aria-label="Состояние">
                      ${STATUSES.map((each) => html`<option value="${each}">${each}</option>`)}
                    </select>
                    <button>Сменить</button>
                  </form>
                </td>
              </tr>
            `,
          )}
        </table>
      </div>
    </details>
  `;
}
