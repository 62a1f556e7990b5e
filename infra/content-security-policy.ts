/** wavesurfer.js writes one style sheet into its shadow root: this one, at the height of our player. */
export const WAVEFORM_STYLE = "'sha256-fF0LBso7Nz75zaFRDBUefBDvPe19hjaiDnnc8lt+2Js='";

type Places = {
  /** The WebSocket API, and the storage whose presigned links a recording is played from. */
  websocket: string[];
  storage: string[];
};

/**
 * What the admin's pages may load and talk to. Nothing inline: Mantine's variables are a file, its components set
 * styles through the DOM, which the policy does not concern.
 */
export function contentSecurityPolicy({ websocket, storage }: Places): string {
  const directives: Record<string, string[]> = {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'", WAVEFORM_STYLE],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'", ...websocket, ...storage],
    'media-src': ["'self'", 'blob:', ...storage],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}
