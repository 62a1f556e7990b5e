/** How long a waiting caller waits for whom, in ms. */
export type Patience = {
  /** For a more preferred one, after another has answered. */
  preferredMs: number;
  /** For all of them. */
  budgetMs: number;
};

/**
 * The answer of the most preferred: an answer counts at once when everybody before it has nothing to say, and after
 * `preferredMs` in any case. Undefined: nobody had one, or not in time.
 * @param asked the most preferred first; they never reject
 */
export async function preferredAnswer<T>(
  asked: Promise<T | undefined>[],
  { preferredMs, budgetMs }: Patience,
): Promise<T | undefined> {
  const answers: ({ value: T | undefined } | undefined)[] = asked.map(() => undefined);
  return new Promise((resolve) => {
    const best = () => answers.find((answer) => answer?.value !== undefined)?.value;
    let waiting: NodeJS.Timeout | undefined;
    const end = (answer: T | undefined) => {
      clearTimeout(waiting);
      clearTimeout(budget);
      resolve(answer);
    };
    const budget = setTimeout(() => end(best()), budgetMs);
    const look = () => {
      const first = answers.find((answer) => answer === undefined || answer.value !== undefined);
      // Everybody before it has nothing to say, or nobody has.
      if (first || answers.every(Boolean)) return end(first?.value);
      if (best() !== undefined) waiting ??= setTimeout(() => end(best()), preferredMs);
    };
    for (const [index, each] of asked.entries()) {
      void each.then((value) => {
        answers[index] = { value };
        look();
      });
    }
    if (asked.length === 0) end(undefined);
  });
}
