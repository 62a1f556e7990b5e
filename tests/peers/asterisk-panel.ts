import { MODES, type SshMode } from './asterisk-ssh.ts';
import type { AsteriskAccount } from './asterisk.ts';
import { html, type Html } from './html.ts';

const SHOWN = 30;
const MODE_NAMES: Record<SshMode, string> = {
  ok: 'работает',
  hang: 'Asterisk висит',
  stopped: 'Asterisk остановлен',
  booting: 'Asterisk ещё загружается',
  refuse_auth: 'не пускает по SSH',
  drop: 'рвёт соединение посреди команды',
  no_sockets: 'сокет управления недоступен',
  silent: 'SSH молчит',
  cut_before_handshake: 'рвёт до рукопожатия',
  full: 'занято 128 консолей',
  deaf: 'принимает звонок и не звонит',
};

export function renderAsterisk(accounts: AsteriskAccount[]): Html {
  return html`${accounts.map(renderBox)}`;
}

function renderBox({ box, mode, posted }: AsteriskAccount): Html {
  const { number } = box;
  const channels = box.channels();
  const calls = box.originated().slice(-SHOWN).toReversed();
  const state = html`<span class="${mode === 'ok' ? 'good' : 'bad'}">${MODE_NAMES[mode]}</span>`;
  return html`
    <h3>${number} ${state}</h3>
    <form class="inline" data-path="asterisk/${number}">
      <select name="mode" aria-label="Как ведёт себя">
        ${MODES.map((each) => html`<option value="${each}">${MODE_NAMES[each]}</option>`)}
      </select>
      <button>Вести себя так</button>
    </form>
    <form class="inline" data-path="asterisk/${number}/incoming">
      <input name="phone" placeholder="375291110001" aria-label="Кто звонит" required />
      <button title="Клиент ждёт в waitredirect">Клиент звонит и ждёт</button>
    </form>
    ${channels.length > 0 && renderChannels(box, channels)}
    ${
      calls.length > 0 &&
      html`
        <h4>Звонки по клику</h4>
        <ul>
          ${calls.map(({ extension, phone, at }) => html`<li>${at.slice(11, 19)} ${extension} → ${phone}</li>`)}
        </ul>
      `
    }
    ${
      posted.length > 0 &&
      html`
        <p class="dim">
          Событий отправлено: ${posted.length}, последнее ${posted.at(-1)?.kind} →
          ${posted.at(-1)?.outcome}
        </p>
      `
    }
  `;
}

type Box = AsteriskAccount['box'];
function renderChannels(box: Box, channels: ReturnType<Box['channels']>): Html {
  return html`
    <h4>Каналы</h4>
    <div class="scroll">
      <table>
        <tr>
          <th>Канал</th>
          <th>Контекст</th>
          <th>Состояние</th>
          <th>Приложение</th>
          <th class="right">Сек</th>
        </tr>
        ${channels.map(
          (channel) => html`
            <tr>
              <td>${channel.name}</td>
              <td>${channel.context}</td>
              <td>${channel.state}</td>
              <td>${channel.application} ${channel.data}</td>
              <td class="right num">${box.seconds(channel)}</td>
            </tr>
          `,
        )}
      </table>
    </div>
  `;
}
