import { AsteriskError } from './asterisk-error.ts';

/** A gate that so many may be behind at once; the rest wait in line. */
export type Line = <T>(deadline: number, work: () => Promise<T>) => Promise<T>;

export function createLine(places: number): Line {
  let free = places;
  const waiting: (() => void)[] = [];

  const enter = async (deadline: number): Promise<void> => {
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const admit = () => {
        clearTimeout(timer);
        resolve();
      };
      const giveUp = () => {
        waiting.splice(waiting.indexOf(admit), 1);
        reject(new AsteriskError('timeout'));
      };
      const timer = setTimeout(giveUp, deadline - Date.now());
      waiting.push(admit);
    });
  };

  return async (deadline, work) => {
    await enter(deadline);
    try {
      return await work();
    } finally {
      // Whoever is admitted takes over the place.
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
