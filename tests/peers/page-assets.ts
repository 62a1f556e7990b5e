export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#dfe3e8, #31363f); --soft: light-dark(#f5f7f9, #1b1f26);
  --card: light-dark(#fff, #22272f); --text: light-dark(#1c2330, #dde3ec); --dim: light-dark(#667085, #93a0b4);
  --good: light-dark(#12723f, #5fd08f); --bad: light-dark(#b3261e, #ff8f87); --wait: light-dark(#8a5a00, #e8b44c);
  --link: light-dark(#1a5fb4, #7db6ff); --chat: light-dark(#dbe7ef, #141a21); --bubble: light-dark(#fff, #2b5278); }
* { box-sizing: border-box }
body { margin: 0; font: 14px/1.45 system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; color: var(--text); background: var(--soft) }
header { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 4px 14px; align-items: center;
  padding: 8px 16px; background: var(--card); border-bottom: 1px solid var(--line) }
h1 { font-size: 16px; margin: 0 } h2 { font-size: 16px; margin: 0 } h3 { font-size: 14px; margin: 16px 0 6px } h4 { font-size: 13px; margin: 12px 0 5px; color: var(--dim); font-weight: 600 } p { margin: 6px 0 }
nav { display: flex; flex-wrap: wrap; gap: 4px; margin-left: auto }
a { color: var(--link) } nav a { padding: 3px 9px; border-radius: 12px; text-decoration: none }
nav a[aria-current] { background: var(--link); color: light-dark(#fff, #10141a) }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 16px; padding: 16px; align-items: start }
section { min-width: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 14px }
.wide { grid-column: 1 / -1 }
.dim { color: var(--dim) } .num { font-variant-numeric: tabular-nums } .right { text-align: right }
.good { color: var(--good) } .bad { color: var(--bad) } .wait { color: var(--wait) }
button, select, input { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: 7px; padding: 4px 9px; min-width: 0 }
button { cursor: pointer } button:hover { border-color: var(--dim) } button:disabled { opacity: .55; cursor: default }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px }
form { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin: 8px 0 } form label { display: flex; gap: 5px; align-items: center }
form input { width: 10em } form input[type=number] { width: 5em }
form details[open] { flex-basis: 100% } form details summary { color: var(--dim); cursor: pointer } form details div { display: flex; flex-wrap: wrap; gap: 6px 10px; margin-top: 6px }
h3 button, form.inline button, form.inline input, form.inline select { font-size: 12px; font-weight: 400; padding: 2px 7px } form.inline { margin: 6px 0 }
.rule { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: center; margin: 6px 0; padding: 6px 10px; border-left: 3px solid var(--bad); background: var(--soft) }
.rule button { margin-left: auto }
.scroll { overflow: auto; max-height: 380px; border: 1px solid var(--line); border-radius: 8px }
table { border-collapse: collapse; width: 100%; font-size: 13px } th { position: sticky; top: 0; background: var(--soft); text-align: left; font-weight: 600; color: var(--dim) }
td, th { padding: 4px 7px; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: top } tr:last-child td { border-bottom: 0 }
.received details { border-bottom: 1px solid var(--line) } .received details:last-child { border-bottom: 0 }
.received summary { display: grid; grid-template-columns: 3.2em 7.4em 5.2em minmax(0, 1fr) auto; gap: 8px; padding: 5px 4px; cursor: pointer; align-items: baseline; list-style: none }
.received summary::-webkit-details-marker { display: none } .received summary:hover { background: var(--soft) }
.path { overflow-wrap: anywhere } .status { text-align: right }
.reason { grid-column: 4 / -1; overflow-wrap: anywhere; font-size: 13px }
.bodies { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 10px; padding: 2px 4px 10px }
pre { margin: 0; padding: 8px 10px; background: var(--soft); border-radius: 8px; font: 12px/1.5 ui-monospace, 'DejaVu Sans Mono', monospace; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 420px; overflow: auto }
.chat { display: flex; flex-direction: column-reverse; gap: 8px; padding: 10px; background: var(--chat); border-radius: 8px; max-height: 460px; overflow: auto }
.message { max-width: min(100%, 420px) } .bubble { background: var(--bubble); border-radius: 10px; padding: 6px 10px; overflow-wrap: anywhere }
.bubble .text { white-space: pre-wrap }
.bubble footer { text-align: right; font-size: 11px; color: var(--dim) } .deleted { opacity: .5; text-decoration: line-through }
.bubble blockquote { margin: 2px 0; padding-left: 8px; border-left: 3px solid var(--link) } .bubble pre { padding: 4px 6px } .spoiler { background: var(--dim) } .spoiler:hover { background: none }
.keys { display: flex; gap: 4px; margin-top: 4px } .keys button, .keys a { flex: 1; text-align: center; background: var(--bubble); border: 0; border-radius: 8px; padding: 5px; text-decoration: none }
@media (max-width: 600px) { main { padding: 8px; gap: 8px } section { padding: 10px } .received summary { grid-template-columns: 2.6em 1fr auto } .received .time { display: none } .received .path, .received .reason { grid-column: 1 / -1 } .received .status { grid-row: 1; grid-column: 3 } }
`;

/** Asks for the position only; the page itself is drawn again when something has changed. */
export const SCRIPT = `
let seen = document.body.dataset.revision;
const post = (path, body) => fetch('/control/' + path, { method: 'POST', body: JSON.stringify(body) });
async function say(answer) {
  const { error, delivered, outcomes } = await answer.json();
  const results = outcomes ?? (delivered === undefined ? [] : [delivered ?? { error: 'у бота нет вебхука' }]);
  const told = results.map((result) => result.error ?? 'хаб ответил ' + result.status);
  const output = document.querySelector('output');
  output.textContent = error ?? (outcomes?.length === 0 ? 'у модуля нет makeCallUrl' : told.join(', '));
  output.className = answer.ok && results.every((result) => result.status < 300) ? 'good' : 'bad';
}
async function redraw() {
  const fresh = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
  for (const part of document.querySelectorAll('[data-live]')) {
    const open = new Set([...part.querySelectorAll('details[open]')].map((each) => each.id));
    const next = fresh.getElementById(part.id);
    for (const each of next.querySelectorAll('details')) each.open = open.has(each.id);
    const typing = part.contains(document.activeElement) && document.activeElement.matches('input, select');
    if (typing || next.innerHTML === part.innerHTML) continue;
    part.innerHTML = next.innerHTML;
  }
}
async function poll() {
  const sign = document.querySelector('#alive');
  try {
    const { revision } = await (await fetch('/control/received?limit=0')).json();
    sign.className = 'good';
    sign.title = 'на связи';
    if (String(revision) !== seen) { seen = String(revision); await redraw(); }
  } catch { sign.className = 'bad'; sign.title = 'симулятор не отвечает'; }
  setTimeout(poll, document.hidden ? 4000 : 700);
}
document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-post]');
  if (!button) return;
  button.disabled = true;
  try { await say(await post(button.dataset.post, JSON.parse(button.dataset.body || '{}'))); }
  finally { button.disabled = false; }
});
document.addEventListener('submit', async (event) => {
  event.preventDefault();
  const fields = new FormData(event.target);
  const body = JSON.parse(event.target.dataset.body || '{}');
  for (const [name, value] of fields) {
    if (value !== '') body[name] = event.target.elements[name].type === 'number' ? Number(value) : value;
  }
  await say(await post(event.target.dataset.path || 'behave', body));
  if (event.target.dataset.path) event.target.reset();
  document.activeElement.blur();
});
poll();
`;
