import { useEffect, useState } from 'react';

import { formatDuration } from '../../format/format.ts';

import classes from './chats.module.css';

/** The bot offers a chat to the next manager after about this long. */
const LONG_SECONDS = 60;

/** How long somebody has been waiting, by the second. */
export function Since({ at, isUrgent = false }: { at: string; isUrgent?: boolean }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, (now - new Date(at).getTime()) / 1_000);
  return (
    <time dateTime={at} className={isUrgent && seconds > LONG_SECONDS ? classes.urgent : undefined}>
      {formatDuration(seconds)}
    </time>
  );
}
