import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import WaveSurfer from 'wavesurfer.js';

import classes from './player.module.css';

/** The content security policy knows the waveform's style sheet by its hash, which holds for this height only. */
const HEIGHT = 64;

type PlayerProps = { link: string; extension?: string | null };

/** Plays a recording; the waveform is drawn over the browser's own controls, which work without it as well. */
export default function Player({ link, extension = null }: PlayerProps) {
  const { t } = useTranslation();
  const [audio, setAudio] = useState<HTMLAudioElement | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  const wave = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!audio || !wave.current) return undefined;
    const colors = getComputedStyle(document.documentElement);
    const surfer = WaveSurfer.create({
      container: wave.current,
      media: audio,
      // The same address: the browser goes on playing by parts of the file while the picture is drawn.
      url: audio.src,
      // What the player has fetched without CORS would be refused from the cache.
      fetchParams: { cache: 'no-store' },
      height: HEIGHT,
      barWidth: 2,
      barGap: 1,
      barRadius: 2,
      normalize: true,
      dragToSeek: true,
      waveColor: colors.getPropertyValue('--mantine-color-gray-5'),
      progressColor: colors.getPropertyValue('--mantine-color-indigo-5'),
      cursorColor: colors.getPropertyValue('--mantine-color-indigo-5'),
    });
    surfer.on('error', () => setHasFailed(true));
    return () => surfer.destroy();
  }, [audio, link]);

  return (
    <figure className={classes.player} aria-label={t('player.recording')}>
      <div ref={wave} className={classes.wave} />
      {hasFailed && <p role="alert">{t('player.failed')}</p>}
      {/* A telephone call comes without captions. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <audio ref={setAudio} className={classes.audio} src={link} controls preload="metadata" />
      <figcaption className={classes.caption}>
        {extension && <span>{extension}</span>}
        <a href={link} download>
          {t('player.download')}
        </a>
      </figcaption>
    </figure>
  );
}
