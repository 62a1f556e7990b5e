import { html, type Html } from './html.ts';
import {
  type Account,
  countEffects,
  hasTelephony,
  type JournalEntry,
  type PopUp,
} from './retailcrm-account.ts';

const SHOWN = 60;
const EVENTS = { in: 'входящий', out: 'исходящий', hangup: 'завершён' };
const DIRECTIONS = { in: 'вх.', out: 'исх.' };

export function renderRetailcrm(accounts: Account[]): Html {
  return html`${accounts.map(renderAccount)}`;
}

function renderAccount(account: Account): Html {
  const { popupRepeats, duplicates } = countEffects(account);
  const popups = [...account.popups.values()].slice(-SHOWN).toReversed();
  const journal = [...account.journal.values()].slice(-SHOWN).toReversed();
  const doubled = [
    popupRepeats > 0 && `одинаковых карточек прислано повторно: ${popupRepeats}`,
    duplicates > 0 && `повторных загрузок в журнал: ${duplicates}`,
  ].filter(Boolean);
  const state = hasTelephony(account)
    ? html`<span class="good">телефония включена</span>`
    : html`<span class="wait">телефония не подключена</span>`;
  return html`
    <h3>${account.name} ${state}</h3>
    <p class="dim">
      ${account.users.map(({ firstName, code }) => `${firstName} ${code ?? 'без номера'}`).join(', ')}
    </p>
    ${hasTelephony(account) && renderClick(account)}
    ${doubled.length > 0 && html`<p class="wait">${doubled.join('; ')}</p>`}
    ${popups.length > 0 && renderPopUps(popups)} ${journal.length > 0 && renderJournal(journal)}
  `;
}

function renderClick({ name, users }: Account): Html {
  const withCode = users.filter(({ code }) => code !== null);
  return html`
    <form class="inline" data-path="retailcrm/${name}/click">
      <select name="code" aria-label="Кто звонит">
        ${withCode.map(({ code, firstName }) => html`<option value="${code}">${firstName}</option>`)}
      </select>
      <input name="phone" placeholder="+375291110001" aria-label="Кому" required />
      <button title="Как менеджер, нажавший на номер в карточке">Позвонить из CRM</button>
    </form>
  `;
}

function renderPopUps(popups: PopUp[]): Html {
  return html`
    <h4>Карточки звонка</h4>
    <div class="scroll">
      <table>
        <tr>
          <th>Звонок</th>
          <th>Событие</th>
          <th>Номер</th>
          <th>Кому</th>
          <th>Итог</th>
          <th class="right">Раз</th>
        </tr>
        ${popups.map(
          ({ callExternalId, type, phone, codes, hangupStatus, count, repeats }) => html`
            <tr>
              <td>${callExternalId}</td>
              <td>${EVENTS[type]}</td>
              <td class="num">${phone}</td>
              <td>${codes.join(', ') || '—'}</td>
              <td>${hangupStatus}</td>
              <td class="right num ${repeats > 0 && 'bad'}">${count}</td>
            </tr>
          `,
        )}
      </table>
    </div>
  `;
}

function renderJournal(journal: JournalEntry[]): Html {
  return html`
    <h4>Журнал звонков</h4>
    <div class="scroll">
      <table>
        <tr>
          <th>Звонок</th>
          <th>Начало</th>
          <th></th>
          <th>Номер</th>
          <th>Кто</th>
          <th>Итог</th>
          <th class="right">Сек</th>
          <th>Запись</th>
          <th class="right">Раз</th>
        </tr>
        ${journal.map(
          ({ key, date, type, phone, code, userId, result, duration, recordUrl, uploads }) => html`
            <tr>
              <td>${key}</td>
              <td class="num" title="${date}">${date.slice(11)}</td>
              <td>${DIRECTIONS[type]}</td>
              <td class="num">${phone}</td>
              <td>${code ?? userId ?? '—'}</td>
              <td class="${result === 'answered' ? 'good' : 'bad'}">${result}</td>
              <td class="right num">${duration}</td>
              <td>${recordUrl !== undefined && renderLink(recordUrl)}</td>
              <td class="right num ${uploads.length > 1 && 'wait'}">${uploads.length}</td>
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
