import * as z from 'zod';

import type { CallDetail } from './api.ts';

/** As much of a recording as the player needs. */
const Recording = z.object({
  download_link: z.string(),
  duration: z.number().nullable().default(null),
  extension: z.string().nullable().default(null),
});
export type PlayableRecording = { link: string; seconds: number | null; extension: string | null };

export function recordingsOf({ recordings }: Pick<CallDetail, 'recordings'>): PlayableRecording[] {
  return recordings.flatMap((recording) => {
    const { success, data } = Recording.safeParse(recording);
    if (!success) return [];
    return [{ link: data.download_link, seconds: data.duration, extension: data.extension }];
  });
}
