import {
  type Account,
  countEffects,
  type LoggedCall,
  type PopUp,
  type StoredUnsorted,
} from './amocrm-account.ts';
import { html, type Html } from './html.ts';

const SHOWN = 60;
const STATES = {
  active: { colour: 'good', words: 'работает' },
  unpaid: { colour: 'bad', words: 'не оплачен (402)' },
  blocked: { colour: 'bad', words: 'заблокирован (403)' },
  disabled: { colour: 'bad', words: 'интеграция отключена (403)' },
};
const PLACES = { contact: 'контакт', company: 'компания', lead: 'сделка', customer: 'покупатель' };

export function renderAmocrm(accounts: Account[]): Html {
  return html`${accounts.map(renderAccount)}`;
}

function renderAccount(account: Account): Html {
  const { popupRepeats, callRepeats, unsortedRepeats, rotations, reusedRefreshTokens } =
    countEffects(account);
  const { colour, words } = STATES[account.state];
  const doubled = [
    popupRepeats > 0 && `повторных карточек: ${popupRepeats}`,
    callRepeats > 0 && `звонков записано дважды: ${callRepeats}`,
    unsortedRepeats > 0 && `повторов в «Неразобранном»: ${unsortedRepeats}`,
    reusedRefreshTokens > 0 && `токен обновления предъявлен повторно: ${reusedRefreshTokens}`,
  ].filter(Boolean);
  return html`
    <h3>${account.name} <span class="${colour}">${words}</span></h3>
    <p class="dim">
      ${account.users.map(({ name, id }) => `${name} ${id}`).join(', ')}. Токены продлены раз:
      ${rotations}
    </p>
    ${renderSwitches(account)}
    ${doubled.length > 0 && html`<p class="wait">${doubled.join('; ')}</p>`}
    ${account.popups.length > 0 && renderPopUps(account, latest(account.popups))}
    ${account.calls.length > 0 && renderCalls(account, latest(account.calls))}
    ${account.unsorted.length > 0 && renderUnsorted(latest(account.unsorted))}
  `;
}

function renderSwitches({ name }: Account): Html {
  const button = (path: string, body: object, words: string) =>
    html`<button data-post="amocrm/${name}${path}" data-body="${JSON.stringify(body)}">
      ${words}
    </button>`;
  return html`<p>
    ${button('/expire', {}, 'Токен истёк')} ${button('/revoke', {}, 'Доступ отозван')}
    ${button('', { state: 'unpaid' }, 'Не оплачен')}
    ${button('', { state: 'blocked' }, 'Заблокирован')}
    ${button('', { state: 'active' }, 'Работает')}
  </p>`;
}

function latest<Entry>(entries: Entry[]): Entry[] {
  return entries.slice(-SHOWN).toReversed();
}

function nameIn({ users }: Account, id: number | string | undefined): string {
  return users.find((user) => user.id === id)?.name ?? (id === undefined ? '—' : String(id));
}

function renderPopUps(account: Account, popups: PopUp[]): Html {
  return html`
    <h4>Карточки звонка</h4>
    <div class="scroll">
      <table>
        <tr>
          <th>Время</th>
          <th>Номер</th>
          <th>Кому</th>
        </tr>
        ${popups.map(
          ({ at, phone, users, repeat }) => html`
            <tr>
              <td class="num">${clock(at)}</td>
              <td class="num">${phone}</td>
              <td class="${repeat && 'bad'}">
                ${users.map((id) => nameIn(account, id)).join(', ') || '—'} ${repeat && '(повтор)'}
              </td>
            </tr>
          `,
        )}
      </table>
    </div>
  `;
}

function renderCalls(account: Account, calls: LoggedCall[]): Html {
  return html`
    <h4>Звонки в карточках</h4>
    <div class="scroll">
      <table>
        <tr>
          <th>Звонок</th>
          <th></th>
          <th>Номер</th>
          <th>Где</th>
          <th>Кто</th>
          <th>Итог</th>
          <th class="right">Сек</th>
          <th>Запись</th>
        </tr>
        ${calls.map(
          (call) => html`
            <tr>
              <td>${call.uniq}</td>
              <td>${call.direction === 'inbound' ? 'вх.' : 'исх.'}</td>
              <td class="num">${call.phone}</td>
              <td>${PLACES[call.entityType]} ${call.entityId}</td>
              <td>${nameIn(account, call.call_responsible)}</td>
              <td class="${call.call_status === 4 ? 'good' : 'bad'}">
                ${call.call_status} ${call.call_result}
              </td>
              <td class="right num">${call.duration}</td>
              <td>${call.link !== undefined && renderLink(call.link)}</td>
            </tr>
          `,
        )}
      </table>
    </div>
  `;
}

function renderUnsorted(unsorted: StoredUnsorted[]): Html {
  return html`
    <h4>Неразобранное</h4>
    <div class="scroll">
      <table>
        <tr>
          <th>Звонок</th>
          <th>Номер</th>
          <th>Кто ответил</th>
          <th class="right">Сек</th>
        </tr>
        ${unsorted.map(
          ({ metadata: { uniq, from, duration, call_responsible: answered } }) => html`
            <tr>
              <td>${uniq}</td>
              <td class="num">${from}</td>
              <td>${answered ?? '—'}</td>
              <td class="right num">${duration}</td>
            </tr>
          `,
        )}
      </table>
    </div>
  `;
}

function renderLink(url: string): Html {
  return html`<a href="${url}" rel="noreferrer" target="_blank">открыть</a>`;
}

/** The reader's own time: the simulator runs on his machine. */
function clock(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
