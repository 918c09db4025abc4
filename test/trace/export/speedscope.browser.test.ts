import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import type { ExportFormat } from '../../../src/trace/export/exporter.ts';
import { pprof } from '../../../src/trace/export/pprof.ts';
import { speedscope } from '../../../src/trace/export/speedscope.ts';
import { TraceReader } from '../../../src/trace/reader.ts';
import { recorded, scenario, systemNamed } from '../runs.ts';
import { folder } from '../traces.ts';
import { type Drawn, findChromium, launch, openInSpeedscope } from './speedscope-page.ts';

const executable = findChromium();
/** A folder to keep the pictures in, for somebody to look at. */
const kept = process.env['RUMPSIM_SCREENSHOTS'];

describe.skipIf(executable === null)(`profiles of a simulated run in speedscope${executable === null ? ' (skipped: no Chromium; install it or name one in CHROMIUM)' : ''}`, () => {
  const ledger = join(folder(), 'ledger.arrow');
  let browser: Browser;

  beforeAll(async () => {
    recorded(scenario({ system: systemNamed('sel4-pic'), loadMbps: 540, duration: 0.05 }), { ledger });
    browser = await launch(executable ?? '');
  });

  afterAll(async () => {
    await browser.close();
  });

  async function draw(format: ExportFormat, view?: string): Promise<Drawn> {
    const pieces: Uint8Array[] = [];
    format.write([new TraceReader(ledger)], (bytes) => pieces.push(bytes.slice()), { file: '', command: 'a test', warn: () => {} });
    const drawn = await openInSpeedscope(browser, `run${format.extension}`, Buffer.concat(pieces), view);
    if (kept !== undefined) {
      mkdirSync(kept, { recursive: true });
      writeFileSync(join(kept, `${format.name}${view === undefined ? '' : `-${view}`}.png`), drawn.screenshot);
    }
    return drawn;
  }

  test.each([
    ['speedscope\'s own format, in time order', speedscope, undefined, 'cpu 0'],
    ['speedscope\'s own format, busy time left heavy', speedscope, 'n2', 'cpu 0, busy'],
    ['pprof, left heavy', pprof, '2', 'run.pb.gz'],
  ])('%s, is drawn as a flame graph, without an error and without a request to anybody', async (_, format, view, name) => {
    const { text, title, hues, errors, outside } = await draw(format, view);
    expect(errors).toEqual([]);
    expect(outside).toEqual([]);
    expect(`${title}\n${text}`).toContain(name);
    // Many contexts and paths run, so that frames of many colours are drawn; a page without a flame graph is grey but for one button.
    expect(hues).toBeGreaterThanOrEqual(4);
  });
});
