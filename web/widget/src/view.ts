import { ApiError } from './api.ts';
import type { Conversation, View } from './conversation.ts';
import { element, iconButton } from './elements.ts';
import { createMessageList } from './messages.ts';
import { createOfflineForm } from './offline-form.ts';
import { CSS } from './styles.ts';
import type { Texts } from './texts.ts';

const LARGEST_FILE = 10 * 1024 * 1024;
const ACCEPTED = 'image/*,audio/*,video/mp4,application/pdf,text/plain,.doc,.docx,.xls,.xlsx,.zip';
const NOTICE_MS = 6_000;

/** Draws the chat in a shadow root, so that the styles of the page and ours do not meet. */
export function createView(
  host: HTMLElement,
  { texts, locale, title }: { texts: Texts; locale: string; title: string },
  conversation: () => Conversation,
) {
  const shadow = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  shadow.adoptedStyleSheets = [sheet];

  const badge = element('span', { className: 'badge', hidden: true });
  const launcher = iconButton('chat', texts.open, 'launcher');
  launcher.append(badge);
  const minimize = iconButton('down', texts.minimize);
  const finish = iconButton('end', texts.finish);
  const heading = element('h2', { id: 'title' }, title || texts.title);
  const where = element('div', { className: 'where', role: 'status', hidden: true });
  const list = createMessageList(texts, (key) => conversation().again(key));
  const typing = element('div', { className: 'typing', ariaLive: 'off' });
  const problem = element('div', { className: 'problem', role: 'alert', hidden: true });
  const handOver = element('button', { type: 'button', className: 'hand-over' }, texts.handOver);
  const input = element('textarea', {
    rows: 1,
    maxLength: 4_000,
    placeholder: texts.placeholder,
    ariaLabel: texts.placeholder,
  });
  const file = element('input', { type: 'file', accept: ACCEPTED, hidden: true });
  const attach = iconButton('clip', texts.attach);
  const submit = iconButton('send', texts.send, 'primary');
  submit.type = 'submit';
  const composer = element('form', { className: 'composer' }, attach, file, input, submit);
  const stars = [1, 2, 3, 4, 5].map((n) => {
    const star = element(
      'button',
      { type: 'button', ariaLabel: texts.stars(n), title: texts.stars(n) },
      '★',
    );
    star.addEventListener('click', () => {
      void attempt(() => conversation().rate(n)).then((isRated) => {
        if (isRated) pass(texts.thanks);
      });
    });
    return star;
  });
  const rating = element(
    'div',
    { className: 'rating', hidden: true },
    element('div', {}, texts.rate),
    ...stars,
  );
  const yes = element('button', { type: 'button', className: 'link' }, texts.yes);
  const no = element('button', { type: 'button', className: 'link' }, texts.no);
  const sure = element(
    'div',
    { className: 'sure', role: 'alertdialog', ariaLabel: texts.finishSure, hidden: true },
    texts.finishSure,
    yes,
    no,
  );
  const offline = createOfflineForm(texts, {
    async onLeave(request) {
      const isLeft = await attempt(() => conversation().leaveRequest(request));
      if (isLeft) closeForm();
      return isLeft;
    },
    onBack: closeForm,
  });
  const panel = element(
    'section',
    { className: 'panel', role: 'dialog', hidden: true },
    element('header', {}, heading, finish, minimize),
    sure,
    where,
    list.node,
    typing,
    problem,
    handOver,
    offline.node,
    rating,
    composer,
  );
  panel.setAttribute('aria-labelledby', 'title');
  const root = element('div', { className: 'root', lang: locale }, launcher, panel);
  shadow.append(root);

  let notice: ReturnType<typeof setTimeout> | undefined;
  let last: View | undefined;
  let seen = 0;

  launcher.addEventListener('click', () => open());
  minimize.addEventListener('click', () => close());
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    if (!sure.hidden) sure.hidden = true;
    else if (!offline.node.hidden) closeForm();
    else close();
  });
  finish.addEventListener('click', () => {
    sure.hidden = false;
    no.focus();
  });
  no.addEventListener('click', () => {
    sure.hidden = true;
    finish.focus();
  });
  yes.addEventListener('click', () => {
    sure.hidden = true;
    void attempt(() => conversation().close());
  });
  handOver.addEventListener('click', () => {
    handOver.disabled = true;
    void attempt(async () => {
      const answer = await conversation().handOver();
      if (!answer.success) {
        offline.open(answer.message);
        layout();
      }
    }).finally(() => (handOver.disabled = false));
  });
  attach.addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    file.value = '';
    if (!chosen) return;
    if (chosen.size > LARGEST_FILE) return say(texts.tooLarge);
    attach.disabled = true;
    conversation()
      .attach(chosen)
      .catch(() => say(texts.notUploaded))
      .finally(() => (attach.disabled = false));
  });
  input.addEventListener('input', () => {
    input.style.height = 'auto';
    input.style.height = `${input.scrollHeight + 2}px`;
    if (input.value) conversation().typing();
  });
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    composer.requestSubmit();
  });
  composer.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = '';
    input.style.height = 'auto';
    conversation()
      .say(text)
      .catch((error: unknown) => {
        // The chat could not even begin: nothing is stored, so the words go back.
        input.value ||= text;
        say(error instanceof ApiError && error.status === 429 ? texts.tooMany : texts.notNow);
      });
    list.node.scrollTop = list.node.scrollHeight;
  });

  /** Whether it worked; if not, the visitor is told. */
  async function attempt(run: () => Promise<unknown>): Promise<boolean> {
    try {
      await run();
      problem.hidden = true;
      return true;
    } catch (error) {
      say(error instanceof ApiError && error.status === 429 ? texts.tooMany : texts.notNow);
      return false;
    }
  }

  function say(what: string): void {
    problem.textContent = what;
    problem.hidden = false;
    clearTimeout(notice);
    notice = setTimeout(() => (problem.hidden = true), NOTICE_MS);
  }

  /** A line that passes: for what is not part of the chat. */
  function pass(words: string): void {
    const line = element('div', { className: 'message system-message' }, words);
    list.node.append(line);
    list.node.scrollTop = list.node.scrollHeight;
    setTimeout(() => line.remove(), NOTICE_MS);
  }

  function closeForm(): void {
    offline.node.hidden = true;
    layout();
    input.focus();
  }

  function open(): void {
    panel.hidden = false;
    launcher.hidden = true;
    layout();
    list.node.scrollTop = list.node.scrollHeight;
    input.focus();
  }

  function close(): void {
    panel.hidden = true;
    launcher.hidden = false;
    launcher.focus();
  }

  function layout(): void {
    if (!last) return;
    const { entries, state, managerName, isRated, connection } = last;
    const isFormOpen = !offline.node.hidden;
    handOver.hidden = isFormOpen || state === 'waiting' || state === 'active';
    finish.hidden = !entries.some(({ id }) => id) || state === 'closed';
    rating.hidden = state !== 'closed' || isRated || isFormOpen;
    composer.hidden = isFormOpen;
    list.node.hidden = isFormOpen;
    typing.hidden = isFormOpen;
    const words = {
      ai: '',
      offline: '',
      waiting: texts.waiting,
      active: texts.active(managerName ?? texts.someManager),
      closed: texts.closed,
    }[state];
    const isLost = connection === 'lost';
    where.className = isLost ? 'where lost' : 'where';
    const said = isLost ? texts.lost : words;
    if (where.textContent !== said) where.textContent = said;
    where.hidden = said === '';
    const incoming = entries.filter(({ sender, id }) => id && sender !== 'user').length;
    if (!panel.hidden) {
      if (incoming > seen) conversation().read();
      seen = incoming;
    }
    badge.textContent = String(incoming - seen);
    badge.hidden = incoming <= seen;
    launcher.ariaLabel =
      incoming > seen ? `${texts.open}, ${texts.unread(incoming - seen)}` : texts.open;
  }

  return {
    show(view: View): void {
      last = view;
      const greeting = { key: 'greeting', sender: 'ai', text: texts.greeting } as const;
      list.show(view.entries.length > 0 ? view.entries : [greeting]);
      typing.textContent = !view.typing
        ? ''
        : view.typing.who === 'ai'
          ? texts.aiWrites
          : texts.managerWrites(view.typing.name ?? texts.someManager);
      layout();
    },
    restored: (): void => pass(texts.restored),
  };
}
