import { html, Html } from './html.ts';
import type { Button, Chat, Message } from './telegram-state.ts';

const SHOWN = 40;
const STATES = {
  member: '',
  kicked: 'бот исключён',
  blocked: 'бот заблокирован',
  not_started: 'бот не запущен',
};

export function renderTelegram(chats: Chat[]): Html {
  return html`${chats.map(renderChat)}`;
}

function renderChat(chat: Chat): Html {
  const { id, type, title, state, migrate_to_chat_id: target, messages } = chat;
  const shown = messages.slice(-SHOWN).toReversed();
  return html`
    <h3>
      ${title} <span class="dim">${type} ${id}</span>
      <span class="bad">${STATES[state]} ${target !== null && `переехала в ${target}`}</span>
      ${renderSwitch(chat)}
    </h3>
    ${
      shown.length > 0 &&
      html`<div class="chat">${shown.map((message) => renderMessage(chat, message))}</div>`
    }
    <form class="inline" data-path="telegram/say" data-body="${JSON.stringify({ chat_id: id })}">
      <input name="text" placeholder="Написать боту" aria-label="Написать боту" required />
      <button>Отправить</button>
    </form>
  `;
}

function renderSwitch({ id, type, state }: Chat): Html {
  const away = type === 'private' ? 'blocked' : 'kicked';
  const label = type === 'private' ? 'Заблокировать бота' : 'Выгнать бота';
  const patch = JSON.stringify({ id, state: state === 'member' ? away : 'member' });
  return html`
    <button data-post="telegram/chats" data-body="${patch}">
      ${state === 'member' ? label : 'Вернуть бота'}
    </button>
  `;
}

function renderMessage(chat: Chat, message: Message): Html {
  const { message_id, edits, deleted, sent_at, edited_at, reply_markup } = message;
  const time = new Date(edited_at ?? sent_at).toTimeString().slice(0, 8);
  const rows = reply_markup?.inline_keyboard ?? [];
  // Outside the template: there the formatter moves spaces, and in here they show.
  const text = new Html(`<div class="text">${message.html}</div>`);
  return html`
    <div class="message">
      <div class="bubble ${deleted && 'deleted'}">
        ${text}
        <footer>${edits > 0 && `изменено ${edits} · `}#${message_id} ${time}</footer>
      </div>
      ${rows.map(
        (row) => html`
          <div class="keys">${row.map((button) => renderButton(button, { chat, message }))}</div>
        `,
      )}
    </div>
  `;
}

function renderButton(button: Button, { chat, message }: { chat: Chat; message: Message }): Html {
  const { text, url, callback_data: data } = button;
  if (typeof url === 'string') {
    return html`<a href="${url}" rel="noreferrer" target="_blank">${text}</a>`;
  }
  const press = JSON.stringify({ chat_id: chat.id, message_id: message.message_id, data });
  return html`<button data-post="telegram/press" data-body="${press}">${text}</button>`;
}
