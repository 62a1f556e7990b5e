import type { init } from '@sentry/serverless';

type BeforeSend = NonNullable<NonNullable<Parameters<typeof init>[0]>['beforeSend']>;
type ErrorEvent = Parameters<BeforeSend>[0];

/** Seven digits and more in a row, however they are grouped: telephone numbers, and what looks like one. */
const LONG_NUMBER = /\+?\d(?:[\s().-]?\d){6,}/g;
const ADDRESS = /[\w.+-]+@[\w-]+\.[\w.]+/g;
/** What stands in an address of the web behind its path may be a key. */
const QUERY = /(https?:\/\/[^\s?#"']+)[?#][^\s"']*/g;
const CREDENTIALS = /(\w+:\/\/)[^\s/@:]+:[^\s/@]+@/g;

/** Takes out of a text what is about people, and what opens something. */
export function scrubText(text: string): string {
  return text
    .replaceAll(CREDENTIALS, '$1…@')
    .replaceAll(QUERY, '$1?…')
    .replaceAll(ADDRESS, '…@…')
    .replaceAll(LONG_NUMBER, '…');
}

/**
 * What leaves for Sentry: the kind of failure, its stack, our own ids. A database's error may quote a row and an HTTP
 * client's an address, so that texts are gone through, and everything that holds data is left out.
 */
export function scrub(event: ErrorEvent): ErrorEvent {
  const {
    request: _request,
    user: _user,
    breadcrumbs: _crumbs,
    contexts: _contexts,
    ...kept
  } = event;
  const { server_name: _server, extra, exception, ...rest } = kept;
  return {
    ...rest,
    ...(exception && {
      exception: {
        values: exception.values?.map(({ value, stacktrace, ...one }) => ({
          ...one,
          ...(value !== undefined && { value: scrubText(value) }),
          ...(stacktrace && {
            stacktrace: { frames: stacktrace.frames?.map(({ vars: _vars, ...frame }) => frame) },
          }),
        })),
      },
    }),
    extra: { message: extra?.['message'] }, // a constant of ours
  } as ErrorEvent;
}
