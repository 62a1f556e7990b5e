/** A message that the hub has not confirmed. It is sent again under the same id until it is. */
export type Unsent = { clientId: string; text: string; attachmentId?: string; createdAt: string };
export type Saved = {
  sessionId: string;
  token: string;
  websocketUrl: string;
  unsent: Unsent[];
};

const KEY = 'trunkline-chat';

/** Keeps the chat over page loads. Without storage (private windows, strict settings) it lasts as long as the page. */
export function createStore(
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined,
) {
  let inMemory: Saved | undefined;
  return {
    load(): Saved | undefined {
      if (inMemory) return inMemory;
      try {
        const value: unknown = JSON.parse(storage?.getItem(KEY) ?? 'null');
        if (isSaved(value)) inMemory = value;
      } catch {}
      return inMemory;
    },
    save(saved: Saved | undefined): void {
      inMemory = saved;
      try {
        if (saved) storage?.setItem(KEY, JSON.stringify(saved));
        else storage?.removeItem(KEY);
      } catch {}
    },
  };
}
export type Store = ReturnType<typeof createStore>;

function isSaved(value: unknown): value is Saved {
  return (
    typeof value === 'object' &&
    value !== null &&
    'sessionId' in value &&
    'token' in value &&
    'websocketUrl' in value &&
    'unsent' in value &&
    Array.isArray(value.unsent)
  );
}
