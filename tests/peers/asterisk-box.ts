/** One simulated Asterisk: its channels, its dialplan, and what becomes of a call it was told to make. */
import { randomUUID } from 'node:crypto';

import type { Clock } from './peer.ts';

export type SimChannel = {
  name: string;
  context: string;
  exten: string;
  priority: string;
  state: 'Down' | 'Ring' | 'Ringing' | 'Up';
  application: string;
  data: string;
  callerId: string;
  bridgeId: string;
  uniqueId: string;
  since: number;
  variables: Record<string, string>;
};

/** How the phones of the next calls behave, and how long each step takes. */
export type Phones = {
  ringAgentMs: number;
  ringClientMs: number;
  talkMs: number;
  agent: 'answers' | 'silent' | 'busy';
  client: 'answers' | 'silent' | 'busy';
};

export type Posted = { kind: string; body: Record<string, unknown> };

export type BoxOptions = {
  number: string;
  token: string;
  line: string;
  now: Clock;
  /** Sends an event of the box, as its dialplan does with curl. */
  post: (event: Posted & { token: string }) => void;
};

const PHONES: Phones = {
  ringAgentMs: 1_500,
  ringClientMs: 2_000,
  talkMs: 8_000,
  agent: 'answers',
  client: 'answers',
};

export type AsteriskBox = ReturnType<typeof createAsteriskBox>;

export function createAsteriskBox({ number, token, line, now, post }: BoxOptions) {
  let phones = { ...PHONES };
  let counter = 0;
  let pairs = 0;
  let devices = 0;
  let startedAt = now();
  let calls = 0;
  let channels: SimChannel[] = [];
  let originated: { extension: string; phone: string; at: string }[] = [];
  const timers = new Set<NodeJS.Timeout>();

  const uniqueId = () => `${Math.floor(now() / 1000)}.${counter++}`;
  const serial = (value: number) => value.toString(16).padStart(8, '0');
  const later = (ms: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  };
  const add = (channel: Partial<SimChannel> & { name: string }): SimChannel => {
    const full: SimChannel = {
      context: 'inoffice',
      exten: '',
      priority: '1',
      state: 'Down',
      application: '(None)',
      data: '',
      callerId: '',
      bridgeId: '',
      uniqueId: uniqueId(),
      since: now(),
      variables: {},
      ...channel,
    };
    channels.push(full);
    return full;
  };
  const remove = (...gone: SimChannel[]) => {
    channels = channels.filter((channel) => !gone.includes(channel));
  };
  const localTime = () =>
    new Date(now() + 3 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

  /** `channel originate LOCAL/{extension}@{context} application Dial LOCAL/{phone}@{context}`. */
  function originate(extension: string, phone: string, context: string) {
    calls += 1;
    originated.push({ extension, phone, at: new Date(now()).toISOString() });
    const pair = `Local/${extension}@${context}-${serial(pairs++)}`;
    const begin = { context, exten: extension };
    const asked = add({ ...begin, name: `${pair};1`, application: 'AppDial2', data: LINE_DATA });
    const ours = add({ ...begin, name: `${pair};2`, state: 'Ring' });
    const digits = phone.replace('+', '');
    const startTime = localTime();
    const common = { Token: token, UniqueId: ours.uniqueId, Phone: digits, Trunk: line };
    const say = (kind: string, body: Record<string, unknown>) =>
      post({ kind, token, body: { Token: token, ...body } });
    const over: SimChannel[] = [asked, ours];
    const hangUp = (status: '0' | '2', extra: Record<string, unknown> = {}) => {
      // Somebody may have hung the channel up before.
      remove(...over);
      say('hangup', {
        ...common,
        CallType: 0,
        CallStatus: status,
        StartTime: startTime,
        DateReceived: startTime,
        EndTime: localTime(),
        Extensions: [extension],
        ...extra,
      });
    };
    const lives = () => channels.includes(ours) && channels.includes(asked);

    const device = add({
      name: `PJSIP/${extension}-${serial(devices++)}`,
      callerId: extension,
      application: 'AppDial',
      data: LINE_DATA,
    });
    over.push(device);
    later(30, () => {
      Object.assign(ours, {
        priority: '4',
        application: 'Dial',
        data: `PJSIP/${extension},30,tT`,
      });
      Object.assign(asked, { state: 'Ringing', callerId: extension });
      Object.assign(device, { state: 'Ringing', context: 'inoffice' });
    });
    say('start', { ...common, CallType: 0, ExternalInitiated: true });
    if (phones.agent !== 'answers') {
      const busy = phones.agent === 'busy';
      later(busy ? 300 : 30_000, () => hangUp('0', busy ? { Cause: '17' } : {}));
      return;
    }

    later(phones.ringAgentMs, () => {
      if (!lives()) return hangUp('0');
      const bridge = randomUUID();
      for (const each of [ours, device]) Object.assign(each, { state: 'Up', bridgeId: bridge });
      const inside = { CallerIDNum: extension, ConnectedLineNum: extension, Exten: '' };
      say('bridge_create', bridgeBody(bridge));
      for (const each of [ours, device])
        say('bridge', {
          ...inside,
          UniqueId: each.uniqueId,
          Channel: each.name,
          BridgeUniqueid: bridge,
        });
      say('dial', {
        ...common,
        CallType: 0,
        ExtTrunk: '',
        ExtPhone: digits,
        Extensions: [extension],
        ExternalInitiated: true,
      });
      ringClient(bridge);
    });

    function ringClient(agentBridge: string) {
      const far = `Local/${phone}@${context}-${serial(pairs++)}`;
      Object.assign(asked, {
        state: 'Up',
        application: 'Dial',
        data: `LOCAL/${phone}@${context}`,
        callerId: extension,
      });
      const farAsked = add({ name: `${far};1`, state: 'Ringing', ...APP_DIAL, callerId: digits });
      const farOurs = add({
        name: `${far};2`,
        context: 'outgoing',
        exten: phone,
        state: 'Ring',
        application: 'Dial',
        data: `PJSIP/${phone}@${line},60,tT`,
        callerId: extension,
      });
      const client = add({
        name: `PJSIP/${line}-${serial(devices++)}`,
        context: 'incoming',
        state: 'Ringing',
        ...APP_DIAL,
        callerId: digits,
      });
      over.push(farAsked, farOurs, client);
      if (phones.client !== 'answers') {
        const busy = phones.client === 'busy';
        later(busy ? 300 : 20_000, () => hangUp('0', busy ? { Cause: '17' } : {}));
        return;
      }
      later(phones.ringClientMs, () => {
        if (!lives()) return hangUp('0');
        const near = randomUUID();
        const outside = randomUUID();
        Object.assign(farAsked, { state: 'Up', bridgeId: near });
        Object.assign(asked, { bridgeId: near });
        Object.assign(farOurs, { state: 'Up', bridgeId: outside });
        Object.assign(client, { state: 'Up', bridgeId: outside });
        const stays: [string, SimChannel, string, string][] = [
          [near, asked, extension, digits],
          [near, farAsked, digits, extension],
          [outside, farOurs, digits, digits],
          [outside, client, digits, digits],
        ];
        for (const bridge of [near, outside]) say('bridge_create', bridgeBody(bridge));
        for (const [bridge, channel, from, to] of stays)
          say('bridge', partyBody(bridge, channel, from, to));
        later(phones.talkMs, () => {
          const inside: [string, SimChannel, string, string][] = [
            [agentBridge, ours, extension, extension],
            [agentBridge, device, extension, extension],
          ];
          const leaving = [...stays.toReversed(), ...inside];
          for (const [bridge, channel, from, to] of leaving)
            say('bridge_leave', partyBody(bridge, channel, from, to));
          for (const bridge of [outside, near, agentBridge])
            say('bridge_destroy', bridgeBody(bridge));
          hangUp('2');
        });
      });
    }
  }

  return {
    number,
    token,
    originate,
    channels: () => channels,
    find: (name: string) => channels.find((channel) => channel.name === name),
    originated: () => originated,
    processed: () => calls,
    uptime: () => Math.floor((now() - startedAt) / 1000),
    seconds: ({ since }: SimChannel) => Math.floor((now() - since) / 1000),
    setPhones(wanted: { [Field in keyof Phones]?: Phones[Field] | undefined }) {
      phones = { ...phones, ...(JSON.parse(JSON.stringify(wanted)) as Partial<Phones>) };
    },
    /** A client waits in the dialplan for somebody to redirect him. */
    waitingCaller(phone: string): SimChannel {
      calls += 1;
      return add({
        name: `PJSIP/${line}-${serial(devices++)}`,
        context: 'waitredirect',
        exten: '375173000000',
        priority: '2',
        state: 'Up',
        application: 'Wait',
        data: '10',
        callerId: phone,
      });
    },
    hangUp(name: string) {
      // Either half of a Local pair takes the other with it.
      const pair = name.replace(/;[12]$/, '');
      remove(...channels.filter((channel) => channel.name.replace(/;[12]$/, '') === pair));
    },
    /** As after `systemctl restart asterisk`. */
    reset() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      channels = [];
      originated = [];
      phones = { ...PHONES };
      startedAt = now();
      calls = 0;
    },
  };
}

const LINE_DATA = '(Outgoing Line)';
const APP_DIAL = { application: 'AppDial', data: LINE_DATA };

function bridgeBody(bridge: string) {
  return {
    UniqueId: '',
    BridgeUniqueid: bridge,
    BridgeCreator: '<unknown>',
    BridgeName: '<unknown>',
    BridgeType: '',
    BridgeTechnology: 'simple_bridge',
    BridgeNumChannels: '0',
  };
}

function partyBody(bridge: string, { uniqueId, name }: SimChannel, from: string, to: string) {
  return {
    Exten: '',
    CallerIDName: '',
    UniqueId: uniqueId,
    Channel: name,
    ConnectedLineName: '',
    BridgeUniqueid: bridge,
    CallerIDNum: from,
    ConnectedLineNum: to,
  };
}
