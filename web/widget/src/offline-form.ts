import { element } from './elements.ts';
import type { Texts } from './texts.ts';

type Request = { client_name: string; client_phone: string; question: string };

/** The form for when nobody is on shift. When it did not go through (`onLeave` says false) the words stay in the fields. */
export function createOfflineForm(
  texts: Texts,
  { onLeave, onBack }: { onLeave: (request: Request) => Promise<boolean>; onBack: () => void },
) {
  const name = element('input', {
    name: 'name',
    autocomplete: 'name',
    required: true,
    maxLength: 100,
  });
  const phone = element('input', {
    name: 'tel',
    type: 'tel',
    autocomplete: 'tel',
    required: true,
    maxLength: 40,
    minLength: 5,
  });
  const question = element('textarea', {
    name: 'question',
    required: true,
    maxLength: 4_000,
    rows: 3,
  });
  const submit = element('button', { type: 'submit', className: 'primary' }, texts.leave);
  const back = element('button', { type: 'button', className: 'link' }, texts.back);
  const lead = element('p', {}, texts.offlineLead);
  const form = element(
    'form',
    { className: 'offline', hidden: true },
    element('h3', {}, texts.offline),
    lead,
    element('label', {}, texts.name, name),
    element('label', {}, texts.phone, phone),
    element('label', {}, texts.question, question),
    element('div', { className: 'row' }, back, submit),
  );
  back.addEventListener('click', onBack);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit.disabled = true;
    void leave();
  });

  async function leave(): Promise<void> {
    const isLeft = await onLeave({
      client_name: name.value.trim(),
      client_phone: phone.value.trim(),
      question: question.value.trim(),
    });
    if (isLeft) form.reset();
    submit.disabled = false;
  }

  return {
    node: form,
    open(explanation: string): void {
      lead.textContent = explanation || texts.offlineLead;
      form.hidden = false;
      name.focus();
    },
  };
}
