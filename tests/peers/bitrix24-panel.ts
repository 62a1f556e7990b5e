import { type Card, countEffects, type JournalEntry, type Portal } from './bitrix24-portal.ts';
import { html, type Html } from './html.ts';

const SHOWN = 60;
const DIRECTIONS: Record<number, string> = { 1: 'исх.', 2: 'вх.', 3: 'вх.', 4: 'обр.', 5: 'инфо' };

export function renderBitrix24(portals: Portal[]): Html {
  return html`${portals.map(renderPortal)}`;
}

function renderPortal(portal: Portal): Html {
  const { doubled, live, missed } = countEffects(portal);
  const cards = [...portal.cards.values()].slice(-SHOWN).toReversed();
  const journal = portal.journal.slice(-SHOWN).toReversed();
  const facts = [
    live > 0 && `не завершено: ${live}`,
    missed > 0 && `пропущенных: ${missed}`,
    doubled > 0 && `записано дважды: ${doubled}`,
  ].filter(Boolean);
  return html`
    <h3>
      ${portal.name}
      ${
        portal.wrongAuthType
          ? html`<span class="bad">вебхуку звонки запрещены</span>`
          : html`<span class="good">вебхук работает</span>`
      }
    </h3>
    <p class="dim">
      ${portal.users
        .filter(({ active }) => active)
        .map(({ firstName, extension }) => `${firstName} ${extension ?? 'без номера'}`)
        .join(', ')}
    </p>
    ${renderClick(portal)}
    ${facts.length > 0 && html`<p class="${doubled > 0 ? 'bad' : 'wait'}">${facts.join('; ')}</p>`}
    ${cards.length > 0 && renderCards(portal, cards)}
    ${journal.length > 0 && renderJournal(portal, journal)}
  `;
}

function renderClick({ name, users }: Portal): Html {
  const callers = users.filter(({ extension, active }) => extension !== null && active);
  return html`
    <form class="inline" data-path="bitrix24/${name}/click">
      <select name="extension" aria-label="Кто звонит">
        ${callers.map(
          ({ extension, firstName }) => html`<option value="${extension}">${firstName}</option>`,
        )}
      </select>
      <input name="phone" placeholder="+375291110001" aria-label="Кому" required />
      <button title="Как менеджер, нажавший на номер в карточке">Позвонить из CRM</button>
    </form>
  `;
}

function renderCards(portal: Portal, cards: Card[]): Html {
  return html`
    <h4>Карточки звонка</h4>
    <div class="scroll">
      <table>
        <tr>
          <th>Звонок</th>
          <th>Кому</th>
          <th>Сейчас</th>
          <th class="right">Раз</th>
        </tr>
        ${cards.map(
          ({ callId, userId, shown, times }) => html`
            <tr>
              <td title="${callId}">${nameOfCall(portal, callId)}</td>
              <td>${nameOfUser(portal, userId)}</td>
              <td class="${shown && 'wait'}">${shown ? 'открыта' : 'скрыта'}</td>
              <td class="right num ${times > 1 && 'bad'}">${times}</td>
            </tr>
          `,
        )}
      </table>
    </div>
  `;
}

function renderJournal(portal: Portal, journal: JournalEntry[]): Html {
  return html`
    <h4>Статистика звонков</h4>
    <div class="scroll">
      <table>
        <tr>
          <th>Звонок</th>
          <th>Начало</th>
          <th></th>
          <th>Номер</th>
          <th>Кто</th>
          <th>Код</th>
          <th class="right">Сек</th>
          <th>Запись</th>
        </tr>
        ${journal.map(
          ({
            id,
            callId,
            externalCallId,
            startedAt,
            type,
            phone,
            userId,
            statusCode,
            duration,
            record,
          }) => html`
            <tr>
              <td title="${callId}">${externalCallId ?? 'из CRM'}</td>
              <td class="num" title="${startedAt}">${startedAt.slice(11, 19)}</td>
              <td>${DIRECTIONS[type]}</td>
              <td class="num">${phone}</td>
              <td>${nameOfUser(portal, userId)}</td>
              <td class="${statusCode === '200' ? 'good' : 'bad'}">
                ${statusCode}${portal.missed.includes(id) && ' пропущен'}
              </td>
              <td class="right num">${duration}</td>
              <td>${record && renderRecord(record)}</td>
            </tr>
          `,
        )}
      </table>
    </div>
  `;
}

function renderRecord({ url, fileName }: NonNullable<JournalEntry['record']>): Html {
  if (url === null) return html`${fileName}`;
  return html`<a href="${url}" rel="noreferrer" target="_blank">${fileName}</a>`;
}

function nameOfCall({ live, journal }: Portal, callId: string): string {
  const call = live.get(callId) ?? journal.find((entry) => entry.callId === callId);
  return call?.externalCallId ?? 'из CRM';
}

function nameOfUser({ users }: Portal, userId: number): string {
  const user = users.find(({ id }) => id === userId);
  return user ? [user.firstName, user.extension].filter(Boolean).join(' ') : String(userId);
}
