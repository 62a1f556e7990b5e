import classes from './status.module.css';

export type Tone = 'green' | 'grey' | 'red' | 'amber' | 'blue';

/** A dot and a word: the state is never told by the colour alone. */
export function Status({
  tone,
  label,
  pulse = false,
}: {
  tone: Tone;
  label: string;
  pulse?: boolean;
}) {
  return (
    <span className={classes.status}>
      <span
        className={`${classes.dot} ${classes[tone]}`}
        data-pulse={pulse || undefined}
        aria-hidden
      />
      <span className={classes.label}>{label}</span>
    </span>
  );
}
