import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { contentSecurityPolicy, WAVEFORM_STYLE } from '../../infra/content-security-policy.ts';

const HEIGHT = 64;

test('nothing inline is allowed, and nothing from elsewhere', () => {
  const policy = contentSecurityPolicy({ websocket: ['wss://sockets.example'], storage: [] });
  expect(policy).not.toContain('unsafe');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("connect-src 'self' wss://sockets.example;");
});

test("the waveform's style sheet is known by its hash", () => {
  const source = readFileSync('node_modules/wavesurfer.js/dist/wavesurfer.esm.js', 'utf8');
  const [, template = ''] =
    /<style\$\{[^}]*\}>([^`]*?)<\/style>/.exec(source.replace('${i?` nonce="${i}"`:""}', '${}')) ??
    [];
  const style = template
    .replaceAll(/\$\{this\.getHeight\([^}]*\}/g, String(HEIGHT))
    .replaceAll(String.raw`\n`, '\n');
  const hash = createHash('sha256').update(style).digest('base64');
  expect(WAVEFORM_STYLE).toBe(`'sha256-${hash}'`);
});
