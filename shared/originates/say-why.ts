import { AppError } from '../errors.ts';
import type { Originate as PlaceForCrm } from '../integrations/callbacks.ts';
import type { createOriginate, NotPlaced } from './originate.ts';

type Originate = ReturnType<typeof createOriginate>;

const SENTENCES: Record<string, string> = {
  no_extension: 'Такого внутреннего номера нет на АТС',
  unreachable: 'АТС недоступна',
  timeout: 'АТС не ответила вовремя',
  authentication_refused: 'АТС не принимает логин или ключ SSH',
  host_key_changed: 'Ключ SSH у АТС сменился; его должен принять администратор',
  not_running: 'Asterisk на АТС не запущен',
  booting: 'Asterisk на АТС ещё запускается',
  command_refused: 'АТС не начала звонок',
  outcome_unknown: 'Связь с АТС прервалась; неизвестно, начался ли звонок',
};

/** For the manager who clicked. */
export function sayWhy({ problem }: Pick<NotPlaced, 'problem'>): string {
  return SENTENCES[problem] ?? 'Звонок не удался';
}

/** Places a call and says in the manager's words why not, when not. */
export async function tryToPlace(
  originate: Originate,
  wanted: Parameters<Originate>[0],
): Promise<{ placed: true; originateId: string } | { placed: false; why: string }> {
  try {
    const result = await originate(wanted);
    if (!result.placed) return { placed: false, why: sayWhy(result) };
    return { placed: true, originateId: result.originateId };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'too_many')
      return {
        placed: false,
        why: 'Слишком много звонков подряд, попробуйте через несколько секунд',
      };
    if (error.code === 'unprocessable')
      return { placed: false, why: 'Неверный внутренний номер или телефон' };
    throw error;
  }
}

/** A click in a CRM, by the same way as every other. */
export function placeForCrm(originate: Originate): PlaceForCrm {
  return async ({ enterpriseNumber, integrationType, extension, phone }) => {
    if (extension === undefined)
      return { placed: false, why: 'Сотруднику CRM не назначен внутренний номер' };
    return tryToPlace(originate, { enterpriseNumber, extension, phone, source: integrationType });
  };
}
