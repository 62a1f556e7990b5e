import { VisuallyHidden } from '@mantine/core';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { formatDuration } from '../../format/format.ts';
import { useExtensionName } from '../../words/names.ts';
import type { CallDetail } from './api.ts';
import { useOutsideParty } from './call-words.ts';
import { placeOf, type Segment, ticksOf, timelineOf } from './timeline.ts';

import classes from './timeline-picture.module.css';

const KINDS = ['wait', 'ring', 'talk'] as const;

/** Ringing, talking and transfers, one lane for each who took part. */
export function TimelinePicture({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const nameOf = useExtensionName();
  const outsideParty = useOutsideParty();
  const [now] = useState(() => new Date());
  const timeline = timelineOf(call, now);
  const since = (moment: number): string => formatDuration((moment - timeline.from) / 1000);
  const placeOfTick = (seconds: number): number =>
    (seconds * 100_000) / (timeline.to - timeline.from);
  const told = ({ kind, from, to }: Segment): string =>
    `${t(`calls.segments.${kind}`)}: ${since(from)}–${since(to)}`;

  return (
    <>
      <dl className={classes.picture}>
        {timeline.lanes.map(({ who, segments }) => (
          <Fragment key={who ?? ''}>
            <dt className={classes.who}>{who === null ? outsideParty(call) : nameOf(who)}</dt>
            <dd className={classes.track}>
              {segments.map((segment) => {
                const { left, width } = placeOf(segment, timeline);
                return (
                  <span
                    key={`${segment.kind}${segment.from}`}
                    className={`${classes.bar} ${classes[segment.kind]}`}
                    style={{ left: `${left}%`, width: `${width}%` }}
                    title={told(segment)}
                  >
                    <VisuallyHidden>{told(segment)}. </VisuallyHidden>
                  </span>
                );
              })}
            </dd>
          </Fragment>
        ))}
        <dt className={classes.who} aria-hidden />
        <dd className={classes.axis} style={{ margin: 0 }} aria-hidden>
          {ticksOf(timeline).map((seconds) => (
            <span
              key={seconds}
              className={classes.tick}
              style={{ left: `${placeOfTick(seconds)}%` }}
              data-last={placeOfTick(seconds) > 95 || undefined}
            >
              {formatDuration(seconds)}
            </span>
          ))}
        </dd>
      </dl>
      <div className={classes.legend} aria-hidden>
        {KINDS.map((kind) => (
          <span key={kind}>
            <span className={`${classes.swatch} ${classes[kind]}`} />
            {t(`calls.segments.${kind}`)}
          </span>
        ))}
      </div>
    </>
  );
}
