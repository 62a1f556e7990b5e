import { post } from '../stack.ts';

const TOKEN = '375290000001';
/** Not the numbers of another file's calls: those are there too. */
let counter = Date.now() % 9_000_000;

/** A call of 0367, or of whose token this is, before its first event; its phone is nobody else's. */
export function newCall(token = TOKEN) {
  counter += 1;
  return {
    Token: token,
    UniqueId: `${Math.floor(Date.now() / 1000)}.${counter}`,
    Phone: `37529${1_000_000 + counter}`,
    Trunk: '0001363',
    CallType: 0,
    Extensions: ['150', '151'],
  };
}
type NewCall = ReturnType<typeof newCall>;

export async function ring(call: NewCall): Promise<void> {
  await post('/start', call);
  await post('/dial', call);
}

/** Somebody answered, and it is over. */
export async function hangUp(call: NewCall): Promise<void> {
  await post('/hangup', { ...call, CallStatus: '2', Extensions: ['151'] });
}

/** A call as the box posts it, up to its end. */
export async function makeCall(token?: string): Promise<{ uniqueId: string; phone: string }> {
  const call = newCall(token);
  await ring(call);
  await hangUp(call);
  return { uniqueId: call.UniqueId, phone: call.Phone };
}

/** `375291117001` as the pages show it. */
export const shown = (phone: string): string =>
  phone.replace(/^(375)(\d\d)(\d{3})(\d\d)(\d\d)$/, '+$1 $2 $3-$4-$5');
