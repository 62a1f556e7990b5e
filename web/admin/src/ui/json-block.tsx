import classes from './json-block.module.css';

/** What was said or heard, readable. A text that is JSON is shown as JSON. */
export function JsonBlock({ value, label }: { value: unknown; label: string }) {
  return (
    // It scrolls, so the keyboard must reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className={classes.block} tabIndex={0} aria-label={label} role="region">
      {readable(value)}
    </pre>
  );
}

function readable(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value, null, 2) ?? '';
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}
