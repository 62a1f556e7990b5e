import type { CallSnapshot } from '../../shared/crm/crm.ts';

/** An answered incoming call of a client whom the demo accounts know: 150 and 151 rang, 151 talked. */
export const CALL: CallSnapshot = {
  id: '0199a000-0000-7000-8000-000000000001',
  mainUniqueId: '1757840723.6',
  direction: 'in',
  status: 'answered',
  phone: '375291110001',
  line: '0001363',
  rang: ['150', '151'],
  lastTalkedBy: '151',
  startedAt: new Date('2026-01-31T09:05:09Z'),
  endedAt: new Date('2026-01-31T09:06:19Z'),
  waitSeconds: 10,
  talkSeconds: 60,
  timezone: 'Europe/Minsk',
};
