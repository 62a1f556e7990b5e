import { useState } from 'react';

import { useFormat } from './use-format.ts';

/** `2026-01-31`: the day it was on the shown clock when the page was opened. */
export function useToday(): string {
  const format = useFormat();
  const [opened] = useState(() => new Date());
  return format.isoDate(opened);
}
