import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { extname, join, normalize } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const RELEASE = fileURLToPath(new URL('../../../node_modules/speedscope/dist/release', import.meta.url));
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.woff2': 'font/woff2' };
/** No graphics card and no service beside the page; WebGL is drawn in software. */
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** The browser that a test can use; null: there is none. CHROMIUM names one elsewhere. */
export function findChromium(): string | null {
  const places = [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return places.find((place) => place !== '' && existsSync(place)) ?? null;
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: ARGUMENTS });
}

/** What a page of speedscope showed. */
export interface Drawn {
  /** Its text outside the drawing, with the profile's name. */
  readonly text: string;
  readonly title: string;
  /** How many of twelve hues the drawing has; frames are coloured, the rest is nearly grey. */
  readonly hues: number;
  /** Errors of the page and its console. */
  readonly errors: readonly string[];
  /** Requests to anything but the test's own server. */
  readonly outside: readonly string[];
  readonly screenshot: Buffer;
}

/** Both flame graphs, the small one and the large one, have been drawn with their labels, which are on canvases over them. */
async function stands(page: Page): Promise<void> {
  await page.waitForFunction(`(() => {
    const labels = [...document.querySelectorAll('canvas')].map((canvas) => [canvas, canvas.getContext('2d')]).filter(([, context]) => context !== null);
    return labels.length === 2 && labels.every(([canvas, context]) => context.getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value !== 0));
  })()`);
  // What has been given to WebGL is on the screen after two frames.
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
}

/** A script that reads a picture and counts the twelfths of the colour circle of which it has more than 50 pixels. */
function countHues(screenshot: Buffer): string {
  return `(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${screenshot.toString('base64')}';
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 100, image.width, image.height - 100);
    const counts = new Array(12).fill(0);
    for (let i = 0; i < data.length; i += 4) {
      const [r, g, b] = [data[i], data[i + 1], data[i + 2]];
      const most = Math.max(r, g, b);
      const range = most - Math.min(r, g, b);
      if (range < 24) continue;
      const sixth = most === r ? (g - b) / range : most === g ? 2 + (b - r) / range : 4 + (r - g) / range;
      counts[Math.floor(2 * (sixth + 6)) % 12]++;
    }
    return counts.filter((count) => count > 50).length;
  })()`;
}

/** Opens a profile in speedscope, served from this machine only, and waits until its flame graph stands. `keys`: pressed there one after another, such as 2 for left heavy, n for the next profile. */
export async function openInSpeedscope(browser: Browser, name: string, profile: Uint8Array, keys = ''): Promise<Drawn> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://local').pathname;
    const file = join(RELEASE, normalize(path));
    const body = path === `/${name}` ? profile : existsSync(file) && file.startsWith(RELEASE) && extname(file) !== '' ? readFileSync(file) : null;
    response.writeHead(body === null ? 404 : 200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
    response.end(body ?? undefined);
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  try {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const errors: string[] = [];
    const outside: string[] = [];
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !/^(?:data|blob):/.test(request.url())) outside.push(request.url());
    });
    await page.goto(`${origin}/index.html#profileURL=${encodeURIComponent(`${origin}/${name}`)}`);
    await stands(page);
    for (const key of keys) {
      await page.keyboard.press(key);
      await stands(page);
    }
    const screenshot = await page.screenshot();
    const hues = await page.evaluate<number>(countHues(screenshot));
    return { text: await page.innerText('body'), title: await page.title(), hues, errors, outside, screenshot };
  } finally {
    await context.close();
    await new Promise((closed) => {
      server.close(closed);
    });
  }
}
