/** What the database allows at once; a managed one is given at least the same. */
export const MAX_CONNECTIONS = 250;

/** Kept free of the queue triggers: for HTTP functions, schedules, migrations and people. */
export const RESERVED_CONNECTIONS = 100;
