import type { Chat, Media, TelegramState } from './telegram-state.ts';

/** What a person's phone shows of the talk with one bot, oldest first. */
export function describePhone(chat: Chat, botId: number, state: TelegramState) {
  const bots = [...state.bots.values()];
  const bot = bots.find(({ id }) => id === botId) ?? bots.at(-1);
  const fromBot = chat.messages
    .filter((message) => message.bot === bot?.id && !message.deleted)
    .map((message) => ({
      message_id: message.message_id,
      mine: false,
      html: message.html,
      media: describeMedia(message.media),
      reply_to: message.reply_to,
      edited: message.edits > 0,
      at: message.edited_at ?? message.sent_at,
      keyboard: message.reply_markup?.inline_keyboard ?? [],
    }));
  const own = chat.said
    .filter((said) => said.bot === bot?.id)
    .map((said) => ({
      message_id: said.message_id,
      mine: true,
      text: said.text,
      media: describeMedia(said.media),
      reply_to: said.reply_to,
      edited: said.edited_at !== null,
      at: said.edited_at ?? said.at,
      keyboard: [],
    }));
  const people = [...state.chats.values()].filter(({ type }) => type === 'private');
  return {
    people: people.map(({ id, title }) => ({ id, title })),
    bots: bots.map(({ id, first_name, commands }) => ({ id, first_name, commands })),
    bot: bot?.id ?? null,
    messages: [...fromBot, ...own].toSorted((a, b) => a.message_id - b.message_id),
  };
}

function describeMedia(media: Media | null) {
  if (!media) return null;
  const { kind, file } = media;
  const isShown = kind !== 'document' && file.bytes.length < 3_000_000;
  const type = kind === 'photo' ? 'image/jpeg' : file.type;
  const source = `data:${type};base64,${file.bytes.toString('base64')}`;
  return { kind, name: file.name, size: file.bytes.length, ...(isShown && { source }) };
}

/** A phone on which one plays a manager: no account needed. */
export const PHONE_PAGE = `<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Телефон менеджера — Trunkline</title>
<style>
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; background: #d7e3ec; display: grid; place-items: center; min-height: 100vh }
main { width: min(26rem, 100vw); height: min(52rem, 100vh); background: #eaf1f6; display: flex; flex-direction: column; border-radius: 1rem; overflow: hidden; box-shadow: 0 4px 24px #0003 }
header { background: #517da2; color: #fff; padding: .6rem .8rem; display: flex; gap: .5rem; align-items: center }
select { font: inherit; max-width: 45%; border: 0; border-radius: .4rem; padding: .2rem }
#talk { flex: 1; overflow-y: auto; padding: .8rem; display: flex; flex-direction: column; gap: .4rem }
.message { max-width: 88%; align-self: flex-start }
.message.mine { align-self: flex-end }
.bubble { background: #fff; border-radius: .8rem; padding: .45rem .7rem; overflow-wrap: anywhere; white-space: pre-wrap; cursor: pointer }
.mine .bubble { background: #e1f6cd }
.bubble footer { font-size: .72rem; color: #64748b; text-align: right; white-space: normal }
.bubble img { max-width: 100%; border-radius: .5rem; display: block }
.quote { border-left: 3px solid #517da2; padding-left: .4rem; font-size: .82rem; color: #475569; max-height: 2.6em; overflow: hidden }
blockquote { margin: .3rem 0; border-left: 3px solid #94a3b8; padding-left: .5rem }
.keys { display: flex; gap: .25rem; margin-top: .25rem }
.keys button { flex: 1; border: 0; border-radius: .5rem; background: #517da2cc; color: #fff; padding: .4rem; font: inherit; cursor: pointer }
form { display: flex; gap: .4rem; padding: .6rem; background: #fff; align-items: center }
form input[name=text] { flex: 1; min-width: 0; font: inherit; padding: .45rem .6rem; border: 1px solid #cbd5e1; border-radius: .6rem }
form button, form label { border: 0; background: #517da2; color: #fff; border-radius: .6rem; padding: .45rem .7rem; font: inherit; cursor: pointer }
#hint { background: #fff; padding: .3rem .8rem; font-size: .85rem; color: #475569; display: flex; justify-content: space-between }
#hint:empty { display: none }
#commands { display: flex; flex-wrap: wrap; gap: .25rem; padding: .3rem .6rem; background: #fff }
#commands button { border: 1px solid #cbd5e1; background: none; border-radius: 1rem; padding: .1rem .6rem; font-size: .82rem; cursor: pointer }
</style>
</head>
<body>
<main>
  <header><select id="person" aria-label="Кто вы"></select> → <select id="bot" aria-label="Какому боту"></select></header>
  <div id="talk" aria-live="polite"></div>
  <div id="commands"></div>
  <div id="hint"></div>
  <form>
    <label title="Фото, документ или голосовое">📎<input type="file" hidden></label>
    <input name="text" placeholder="Сообщение" autocomplete="off" aria-label="Сообщение">
    <button>➤</button>
  </form>
</main>
<script>
const byId = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
let person = Number(query.get('person') ?? 700401), bot = Number(query.get('bot') ?? 700000002);
let replyTo, editing, seen = '';
const post = async (path, body) => {
  const response = await fetch('/control/telegram/' + path, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) byId('hint').textContent = '⚠️ ' + (await response.json()).error;
  return refresh();
};
function hint(text) {
  const close = document.createElement('button');
  close.textContent = '✕';
  close.onclick = () => { replyTo = editing = undefined; byId('hint').replaceChildren(); };
  byId('hint').replaceChildren(text, close);
}
function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
function options(select, items, chosen) {
  if (select.childElementCount === items.length) return;
  select.replaceChildren(...items.map(([value, title]) => new Option(title, value, false, value === chosen)));
}
async function refresh() {
  const phone = await (await fetch('/control/telegram/phone/' + person + '?bot=' + bot)).json();
  if (phone.error) return;
  options(byId('person'), phone.people.map(({ id, title }) => [id, title]), person);
  options(byId('bot'), phone.bots.map(({ id, first_name }) => [id, first_name]), bot);
  const now = JSON.stringify(phone);
  if (now === seen) return;
  seen = now;
  const commands = phone.bots.find(({ id }) => id === bot)?.commands ?? [];
  byId('commands').replaceChildren(...commands.map(({ command, description }) => {
    const made = element('button', '', '/' + command);
    made.title = description;
    made.onclick = () => post('say', { chat_id: person, bot, text: '/' + command });
    return made;
  }));
  byId('talk').replaceChildren(...phone.messages.map((message) => {
    const row = element('div', 'message' + (message.mine ? ' mine' : ''));
    row.dataset.id = message.message_id;
    const bubble = element('div', 'bubble');
    const quoted = phone.messages.find(({ message_id }) => message_id === message.reply_to);
    if (quoted) {
      const quote = element('div', 'quote');
      if (quoted.mine) quote.textContent = quoted.text || quoted.media?.name; else quote.innerHTML = quoted.html;
      bubble.append(quote);
    }
    if (message.media?.kind === 'photo' && message.media.source) {
      const image = element('img'); image.src = message.media.source; image.alt = message.media.name; bubble.append(image);
    } else if (message.media?.kind === 'voice' && message.media.source) {
      const sound = element('audio'); sound.controls = true; sound.src = message.media.source; bubble.append(sound);
    } else if (message.media) bubble.append(element('div', '', '📎 ' + message.media.name));
    const text = element('div');
    if (message.mine) text.textContent = message.text; else text.innerHTML = message.html;
    bubble.append(text, element('footer', '', (message.edited ? 'изменено ' : '') + new Date(message.at).toTimeString().slice(0, 5)));
    bubble.title = message.mine ? 'Нажмите, чтобы изменить' : 'Нажмите, чтобы ответить';
    bubble.onclick = () => {
      if (message.mine) { editing = message.message_id; replyTo = undefined; form.text.value = message.text; hint('Изменить сообщение'); }
      else { replyTo = message.message_id; editing = undefined; hint('Ответ на сообщение ' + message.message_id); }
      form.text.focus();
    };
    row.append(bubble);
    for (const line of message.keyboard) {
      const keys = element('div', 'keys');
      keys.append(...line.map((key) => {
        const made = element('button', '', key.text);
        made.onclick = () => post('press', { chat_id: person, message_id: message.message_id, data: key.callback_data });
        return made;
      }));
      row.append(keys);
    }
    return row;
  }));
  byId('talk').scrollTop = byId('talk').scrollHeight;
}
const form = document.querySelector('form');
function say(extra) {
  const text = form.text.value;
  form.text.value = '';
  const body = editing === undefined
    ? post('say', { chat_id: person, bot, text, ...(replyTo !== undefined && { reply_to_message_id: replyTo }), ...extra })
    : post('edit', { chat_id: person, message_id: editing, text });
  replyTo = editing = undefined;
  byId('hint').replaceChildren();
  return body;
}
form.onsubmit = (event) => { event.preventDefault(); if (form.text.value.trim()) say({}); };
form.querySelector('[type=file]').onchange = async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const kind = /^image\\/(jpeg|png|webp)$/.test(file.type) ? 'photo' : file.type.startsWith('audio/ogg') ? 'voice' : 'document';
  await say({ file: { kind, name: file.name, type: file.type || 'application/octet-stream', base64: btoa(binary) } });
  target.value = '';
};
byId('person').onchange = ({ target }) => { person = Number(target.value); seen = ''; refresh(); };
byId('bot').onchange = ({ target }) => { bot = Number(target.value); seen = ''; refresh(); };
setInterval(refresh, 700);
refresh();
</script>
</body>
</html>
`;
