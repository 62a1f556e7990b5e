import type { AiSettings, AiTalk } from './ai.ts';
import { html, type Html } from './html.ts';

type Facts = { settings: AiSettings; talks: AiTalk[]; held: number };

export function renderAi({ settings, talks, held }: Facts): Html {
  const { piece_ms, cut_after, hold_after } = settings;
  const set = (patch: object): string => JSON.stringify(patch);
  return html`
    <p>
      <button data-post="ai" data-body="${set({ piece_ms: piece_ms > 100 ? 25 : 400 })}">
        ${piece_ms > 100 ? 'Говорить быстро' : 'Говорить медленно'}
      </button>
      <button data-post="ai" data-body="${set({ cut_after: cut_after === null ? 4 : null })}">
        ${cut_after === null ? 'Обрывать на полуслове' : 'Договаривать'}
      </button>
      <button data-post="ai" data-body="${set({ hold_after: hold_after === null ? 4 : null })}">
        ${hold_after === null ? 'Замолкать на полуслове' : 'Не замолкать'}
      </button>
      ${held > 0 && html`<button data-post="ai/release">Продолжить (${held})</button>`}
    </p>
    ${talks
      .slice(-8)
      .toReversed()
      .map(
        ({ question, context, answer, said, end }) => html`
          <details>
            <summary>
              ${question.slice(0, 80)}
              <span class="dim">контекст ${context} · ${said} из ${answer.length} · ${end}</span>
            </summary>
            <pre>${answer}</pre>
          </details>
        `,
      )}
  `;
}
