import { existsSync } from 'node:fs';

import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Nothing of the outside is looked up or reported; as root there is no sandbox to be had. */
const QUIET = [
  '--no-sandbox',
  '--headless=shell',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** CHROMIUM_PATH, or Debian's. Where there is none it says so: what is to be seen in a browser was not seen. */
export function launchChromium(): Promise<Browser> {
  const executablePath = [process.env['CHROMIUM_PATH'], ...PLACES].find(
    (path) => path && existsSync(path),
  );
  if (!executablePath)
    throw new Error('No Chromium here: apt-get install chromium, or set CHROMIUM_PATH');
  return chromium.launch({ executablePath, args: QUIET });
}
