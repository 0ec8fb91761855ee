/** The system's Chromium, driven by playwright-core; none is downloaded. Every launch has a profile of its own, which goes with it. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium } from '../checks/chromium.ts';

/** Root needs no-sandbox; the rest keeps the browser from asking anything of anybody but the page's own server. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--no-first-run',
  '--no-pings',
];

const LAUNCH_TIMEOUT_MS = 30_000;

/** @throws Error that says what to install when there is no Chromium */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath)
    throw new Error(
      'no Chromium found: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH to its program',
    );
  return chromium.launch({ executablePath, headless: true, args: ARGS, timeout: LAUNCH_TIMEOUT_MS });
}

/** Runs in the page; text, because the tests are not compiled with a browser's types. */
const TELL_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))`;

export interface WatchedPage {
  page: Page;
  /** What went wrong unseen: console errors and warnings, uncaught errors, policy violations, requests to elsewhere. */
  problems: readonly string[];
  close(): Promise<void>;
}

/** A page in a fresh context, watched from its first byte.
 *  @param initScript runs in the page before its own scripts */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  initScript = '',
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  const { origin, host } = new URL(url);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) problems.push(`request to ${request.url()}`);
  });
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== host) problems.push(`socket to ${socket.url()}`);
  });
  await page.addInitScript({ content: `${TELL_VIOLATIONS};${initScript}` });
  await page.goto(url);
  return { page, problems, close: () => context.close() };
}
