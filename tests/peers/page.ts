import { type Behaviours, type Mode, MODES } from './behaviour.ts';
import { escapeHtml, html, Html } from './html.ts';
import type { Journal, Received } from './journal.ts';
import { SCRIPT, STYLE } from './page-assets.ts';
import type { Peer } from './peer.ts';

const SHOWN = 150;

const MODE_NAMES: Record<Mode, string> = {
  hang: 'висит и не отвечает',
  slow: 'отвечает медленно',
  error500: 'ошибка 500',
  error429: 'слишком часто (429 / 503)',
  html: 'HTML вместо JSON',
  cut: 'выполняет и рвёт соединение',
  cut_before: 'рвёт соединение, не выполнив',
  applied_then_hang: 'выполняет и молчит',
};

type World = { peers: Peer[]; journal: Journal; behaviours: Behaviours; query: URLSearchParams };

export function renderPage({ peers, journal, behaviours, query }: World): string {
  const { last, revision } = journal.position();
  const show = query.get('show') ?? '';
  const received = journal.newest((entry) => matches(entry, show), SHOWN);
  return html`<!DOCTYPE html>
    <html lang="ru">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Внешний мир — Trunkline</title>
        ${new Html(`<style>${STYLE}</style>`)}
      </head>
      <body data-revision="${revision}">
        <header>
          <span id="alive" class="dim">●</span>
          <h1>Внешний мир</h1>
          <span class="dim num" id="total" data-live>запросов: ${last}</span>
          <output></output>
          ${renderNavigation(peers, show)}
        </header>
        <main>
          ${peers.map((peer) => renderPeer(peer, behaviours))}
          <section class="wide received">
            <h2>Принято</h2>
            <div id="received" data-live>
              ${received.map(renderReceived)}
              ${received.length === 0 && html`<p class="dim">Пока ничего не пришло.</p>`}
            </div>
          </section>
        </main>
        ${new Html(`<script>${SCRIPT}</script>`)}
      </body>
    </html> `.text;
}

function renderNavigation(peers: Peer[], show: string): Html {
  const filters = [
    { value: '', title: 'Все' },
    ...peers.map(({ name, title }) => ({ value: name, title })),
    { value: 'refused', title: 'Отказы' },
    { value: 'warned', title: 'Замечания' },
  ];
  return html`
    <nav>
      ${filters.map(({ value, title }) => {
        const current = value === show && html`aria-current="page"`;
        return html`<a href="/?show=${value}" ${current}>${title}</a>`;
      })}
      <button data-post="reset" title="Забыть записи и последствия; аккаунты останутся">
        Очистить
      </button>
    </nav>
  `;
}

function matches({ peer, verdict, warnings }: Received, show: string): boolean {
  if (show === 'refused') return verdict !== 'accepted';
  if (show === 'warned') return warnings !== undefined;
  return show === '' || show === peer;
}

function renderPeer({ name, title, panel, speaksHttp }: Peer, behaviours: Behaviours): Html {
  const rules = behaviours.list().filter((rule) => rule.peer === name);
  return html`
    <section>
      <h2>${title}</h2>
      ${speaksHttp !== false && renderBreaker(name)}
      <div id="rules-${name}" data-live>${rules.map(renderRule)}</div>
      <div id="panel-${name}" data-live>${panel()}</div>
    </section>
  `;
}

function renderBreaker(peer: string): Html {
  return html`
    <form data-body="${JSON.stringify({ peer })}">
      <label
        >Пусть
        <select name="mode">
          ${MODES.map((mode) => html`<option value="${mode}">${MODE_NAMES[mode]}</option>`)}
        </select>
      </label>
      <label>раз <input type="number" name="times" min="1" placeholder="∞" /></label>
      <button>Сломать</button>
      <button type="button" data-post="behave" data-body="${JSON.stringify({ peer, mode: 'ok' })}">
        Починить всё
      </button>
      <details>
        <summary>уточнить</summary>
        <div>
          <label title="Регулярное выражение">путь <input name="path" placeholder="любой" /></label>
          <label>аккаунт или чат <input name="account" placeholder="любой" /></label>
          <label title="Для «отвечает медленно»"
            >пауза, мс <input type="number" name="delay_ms" min="0" placeholder="1000"
          /></label>
          <label title="Для «слишком часто»"
            >ждать, с <input type="number" name="retry_after" min="1" placeholder="3"
          /></label>
        </div>
      </details>
    </form>
  `;
}

function renderRule(rule: ReturnType<Behaviours['list']>[number]): Html {
  const { id, peer, mode, account, chat, path, times, taken, held } = rule;
  const where = [account, chat, path].filter(Boolean).join(', ');
  return html`
    <div class="rule">
      <b class="bad">${MODE_NAMES[mode]}</b>
      <span>${where}</span>
      <span class="dim">
        сработало ${taken} ${times !== undefined && `из ${times}`} ${held > 0 && `· ждут ${held}`}
      </span>
      <button data-post="behave" data-body="${JSON.stringify({ peer, mode: 'ok', id })}">
        Починить
      </button>
    </div>
  `;
}

function renderReceived(entry: Received): Html {
  const { sequence, time, peer, account, chat, method, path, verdict, status, ms } = entry;
  const colour = { accepted: 'good', refused: 'bad', pending: 'wait' }[verdict];
  const reason = entry.behaviour && !entry.applied ? undefined : entry.reason;
  const notes = [entry.behaviour && MODE_NAMES[entry.behaviour], reason].filter(Boolean);
  const seen = status ?? (ms === null ? 'ждёт' : 'без ответа');
  const sent = { ...entry.query, ...(entry.body !== null && { body: entry.body }) };
  return html`
    <details id="request-${sequence}">
      <summary>
        <span class="dim num">${sequence}</span>
        <span class="dim num time" title="${time}">${clock(time)}</span>
        <span>${peer}</span>
        <span class="path">${method} ${path} <span class="dim">${chat ?? account}</span></span>
        <span class="status num ${colour}">
          ${seen} <span class="dim">${ms !== null && `${ms} мс`}</span>
        </span>
        ${notes.length > 0 && html`<span class="reason ${colour}">${notes.join(' · ')}</span>`}
        ${entry.warnings?.map((warning) => html`<span class="reason wait">${warning}</span>`)}
      </summary>
      <div class="bodies">${preformatted(sent)} ${preformatted(entry.answer)}</div>
    </details>
  `;
}

/** The reader's own time: the simulator runs on his machine. */
function clock(time: string): string {
  return new Date(time).toTimeString().slice(0, 8) + time.slice(19, 23);
}

function preformatted(value: unknown): Html {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return new Html(`<pre>${escapeHtml(text)}</pre>`);
}
