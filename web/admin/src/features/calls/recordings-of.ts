import { playableLink } from '../../player/playable-link.ts';
import type { CallDetail } from './api.ts';

/** As much of a recording as the player needs. */
export type PlayableRecording = { link: string; seconds: number | null };

export const recordingsOf = ({ recordings }: Pick<CallDetail, 'recordings'>): PlayableRecording[] =>
  recordings.map(({ link, duration }) => ({ link: playableLink(link), seconds: duration }));
