import { setTimeout as sleep } from 'node:timers/promises';

import * as z from 'zod';

import { createStore } from '../../shared/recordings/store.ts';
import { control } from '../bench/simulated-crm.ts';
import { invoke } from './count.ts';
import type { Fault, World } from './fault.ts';

const NUMBER = '0367';
const FOLDER = '/var/spool/asterisk/monitor';
const FILES = 12;
/** Three parts. */
const BYTES = 20 * 1024 * 1024;
const BROKEN_MS = 12_000;
const SETTLE_MS = 120_000;
const LOOK_EVERY_MS = 4_000;

let made = 0;

/** Recordings are fetched from a box while it happens; counted are the files on the box, the rows and the objects. */
export function recordingsWhile(
  breaks: (world: World, isBroken: boolean) => Promise<void>,
): Fault['judge'] {
  return async (world) => {
    const { stack, db, store } = world;
    const second = Math.floor(Date.now() / 1000) - 7_200;
    const ids = Array.from({ length: FILES }, () => `${second}.${(made += 1)}`);
    await control(stack, `asterisk/${NUMBER}/files`, {
      recordings: ids.map((id) => ({ path: `${FOLDER}/${id}.wav`, bytes: BYTES })),
      fault: {},
    });
    const refusedBefore = store.refused();
    await breaks(world, true);
    const broken = Date.now() + BROKEN_MS;
    const until = Date.now() + SETTLE_MS;
    let looks = 0;
    while (Date.now() < until && (await countStored(world, ids)) < FILES) {
      if (Date.now() > broken) await breaks(world, false);
      await invoke(stack, 'recordings-sync');
      looks += 1;
      await sleep(LOOK_EVERY_MS);
    }
    await breaks(world, false);

    const stored = await countStored(world, ids);
    const objects = await countObjects(world, ids);
    const onBox = await control(stack, `asterisk/${NUMBER}/files`, {});
    const left = new Set(z.object({ files: z.array(z.string()) }).parse(onBox).files);
    const [doubled] = await db`
      select count(*)::int as rows
      from (
        select from recordings where unique_id = any(${ids}::text[]) group by unique_id having count(*) > 1
      ) as twice`;
    return {
      accepted: FILES,
      stored,
      owed: FILES,
      seen: [...objects.values()].filter((sizes) => sizes.includes(BYTES)).length,
      missing: ids.filter((id) => !left.has(`${FOLDER}/${id}.wav`) && !objects.has(id)).length,
      unanswered: 0,
      doubled:
        Number(doubled?.['rows']) +
        [...objects.values()].reduce((sum, sizes) => sum + sizes.length - 1, 0),
      lost: ids.filter((id) => !objects.get(id)?.includes(BYTES)).length,
      disordered: 0,
      stuck: FILES - stored,
      refused: store.refused() - refusedBefore + looks - 1,
    };
  };
}

async function countStored({ db }: World, ids: string[]): Promise<number> {
  const [row] = await db`
    select count(*)::int as stored
    from recordings
    where unique_id = any(${ids}::text[]) and state = 'stored' and size = ${BYTES}`;
  return z.object({ stored: z.number() }).parse(row).stored;
}

/** The sizes of the objects of each recording. */
async function countObjects({ stack }: World, ids: string[]): Promise<Map<string, number[]>> {
  const store = createStore({
    endpoint: `http://127.0.0.1:${stack.ports.aws}`,
    region: stack.environment['S3_REGION'] ?? '',
    bucket: stack.environment['S3_BUCKET'] ?? '',
    accessKey: 'local',
    secretKey: 'local',
    pathStyle: true,
  });
  const found = new Map<string, number[]>();
  for await (const page of store.list('call-recordings/')) {
    for (const { key, size } of page) {
      const id = ids.find((one) => key.endsWith(`call_${one}.wav`));
      if (id) found.set(id, [...(found.get(id) ?? []), size]);
    }
  }
  return found;
}
