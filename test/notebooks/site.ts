import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KIT = join(ROOT, 'node_modules/@observablehq/notebook-kit/dist/bin/notebooks.js');
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** No sandbox: containers have no user namespaces. The others keep the browser from asking hosts of its own. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2', '.json': 'application/json' };

/** Why no browser can be had; null where one can. */
export const NO_BROWSER = existsSync(CHROMIUM) ? null : `no Chromium at ${CHROMIUM}: apt-get install chromium, or set CHROMIUM`;

const run = promisify(execFile);

/** What the command line prints as JSON for a command as a notebook copies it: commands of npx rumpsim, joined by &&, run in a folder of their own beside the traces. */
export async function commandResult(command: string, folder: string): Promise<unknown> {
  let text = '';
  for (const part of command.split(' && ')) {
    const words = [...part.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(2);
    const parts = words.map((word) => (word.startsWith('traces/') ? join(ROOT, word) : word));
    text = (await run(process.execPath, [join(ROOT, 'bin/rumpsim.mjs'), ...parts], { cwd: folder, maxBuffer: 1 << 26 })).stdout;
  }
  return JSON.parse(text);
}

/** The site, built as its script builds it, behind a plain static server, and a browser. */
export class Site {
  readonly folder: string;
  private readonly server: Server;
  private readonly browser: Browser;
  private readonly origin: string;

  private constructor(folder: string, server: Server, browser: Browser, origin: string) {
    this.folder = folder;
    this.server = server;
    this.browser = browser;
    this.origin = origin;
  }

  static async open(): Promise<Site> {
    const folder = await mkdtemp(join(tmpdir(), 'rumpsim-site-'));
    const pages = ['index', 'paper', 'interrupts', 'cycles', 'costs', 'trace', 'validation', 'bench'].map((name) => `notebooks/${name}.html`);
    await run(process.execPath, [KIT, 'build', '--root', 'notebooks', '--template', 'notebooks/lib/template.html', '--out', folder, '--', ...pages], { cwd: ROOT, maxBuffer: 1 << 26 });
    const server = createServer((request, response) => {
      const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
      readFile(join(folder, path)).then((body) => response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream').end(body), () => response.writeHead(404).end());
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      server.once('listening', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    return new Site(folder, server, await chromium.launch({ executablePath: CHROMIUM, args: FLAGS }), `http://127.0.0.1:${address.port}`);
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.close();
    await rm(this.folder, { recursive: true });
  }

  /** Opens a notebook in a context of its own. */
  async visit(page: string, { width = 1280, dark = false }: { readonly width?: number; readonly dark?: boolean } = {}): Promise<Visit> {
    const context = await this.browser.newContext({ viewport: { width, height: 900 }, colorScheme: dark ? 'dark' : 'light', acceptDownloads: true });
    return Visit.of(context, `${this.origin}/${page}`, this.origin);
  }
}

/** A page, and what went wrong on it. */
export class Visit {
  readonly page: Page;
  /** Errors of the page and its workers, failed requests, requests to another host. */
  readonly complaints: readonly string[];
  private readonly context: BrowserContext;

  private constructor(context: BrowserContext, page: Page, complaints: readonly string[]) {
    this.context = context;
    this.page = page;
    this.complaints = complaints;
  }

  static async of(context: BrowserContext, address: string, origin: string): Promise<Visit> {
    const complaints: string[] = [];
    const page = await context.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    context.on('request', (request) => {
      if (!request.url().startsWith(`${origin}/`) && !/^(?:data|blob):/.test(request.url())) complaints.push(`outside: ${request.url()}`);
    });
    context.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
    });
    await page.goto(address);
    return new Visit(context, page, complaints);
  }

  /** What a notebook keeps of a run beside what it shows. */
  async result<T>(selector: string): Promise<T> {
    const element = this.page.locator(`${selector}[data-result]`);
    await element.waitFor({ state: 'attached' });
    return JSON.parse((await element.getAttribute('data-result')) ?? 'null') as T;
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
