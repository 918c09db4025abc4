import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { commandOf, type Job } from '../../notebooks/lib/job.ts';
import type { RunResult } from '../../src/study/simulate.ts';
import { commandResult, NO_BROWSER, Site, type Visit } from './site.ts';

interface Shown {
  readonly job: Job;
  readonly result: RunResult;
}

const CAPTURE = fileURLToPath(new URL('../../notebooks/data/iperf3-360.pcap.gz', import.meta.url));
const VALIDATION = fileURLToPath(new URL('../../notebooks/data/validation.json', import.meta.url));
const COMMAND = '.command';

describe.skipIf(NO_BROWSER !== null)(`the notebooks in a browser${NO_BROWSER === null ? '' : ` (${NO_BROWSER})`}`, () => {
  let site: Site;
  const visits: Visit[] = [];
  const visit = async (...where: Parameters<Site['visit']>): Promise<Visit> => {
    const opened = await site.visit(...where);
    opened.page.setDefaultTimeout(30_000);
    visits.push(opened);
    return opened;
  };

  beforeAll(async () => {
    site = await Site.open();
  }, 120_000);
  afterAll(async () => site.close());
  afterEach(async () => {
    const complaints = visits.flatMap((opened) => opened.complaints);
    await Promise.all(visits.splice(0).map(async (opened) => opened.close()));
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  });

  test.each([
    ['index.html', '.contents a'], ['paper.html', '.figure svg'], ['interrupts.html', '.figure svg'], ['cycles.html', '.figure svg'], ['costs.html', 'table.data'], ['trace.html', '.drop'],
    ['validation.html', '.figure svg'], ['bench.html', '.toolbar'],
  ])('%s loads without an error or an outside request, and fits a narrow page', async (name, selector) => {
    const { page } = await visit(name, { width: 390, dark: true });
    await page.locator(selector).first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    // Every control can be named by a screen reader.
    expect(await page.evaluate("[...document.querySelectorAll('main :is(input, select)')].filter((e) => !(e.labels?.length > 0 || e.ariaLabel)).map((e) => e.outerHTML)")).toEqual([]);
  });

  test('every link of the index leads to a page', async () => {
    const { page } = await visit('index.html');
    const contents = page.locator('.contents a');
    await contents.first().waitFor();
    const links = await contents.evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(links).toHaveLength(7);
    for (const link of links) expect((await page.request.get(new URL(link ?? '', page.url()).href)).status()).toBe(200);
  });

  test('Paper: the keyboard moves the throttle, and the numbers are the command line\'s to the last digit', async () => {
    const { page } = await visit('paper.html');
    const opened = await visited(page, '.command', (shown) => shown.job.duration < 1);
    expect(await sameAsCommandLine(opened)).toEqual(opened.result);
    await page.locator('#control-throttle').focus();
    await page.keyboard.press('End');
    const moved = await visited(page, COMMAND, (shown) => shown.job.set.includes('nic.throttle=20000/s') && shown.job.duration < 1);
    expect(moved.result.counters['nic.interrupts']).toBeGreaterThan(3 * (opened.result.counters['nic.interrupts'] ?? Infinity));
    expect(moved.result.utilisation).toBeGreaterThan(opened.result.utilisation);
    expect(await sameAsCommandLine(moved)).toEqual(moved.result);
    // The 20 s follow by themselves; the page shows the command that gives them.
    const full = await visited(page, COMMAND, (shown) => shown.job.duration === 20);
    await page.getByRole('button', { name: 'stop' }).click();
    expect(await page.locator(COMMAND).innerText()).toBe(commandOf(full.job));
    expect(await sameAsCommandLine(full)).toEqual(full.result);
  });

  test('Paper: stop ends the 20 s runs, and what was drawn stays', async () => {
    const { page } = await visit('paper.html');
    const status = page.locator('p.status').first();
    await page.getByText(/20 s runs: \d+ of 30/).waitFor();
    await page.getByRole('button', { name: 'stop' }).click();
    expect(await status.innerText()).toContain('stopped');
    const drawn = await page.locator('.figure svg').first().innerHTML();
    await page.waitForTimeout(400);
    expect(await status.innerText()).toContain('stopped');
    expect(await page.locator('.figure svg').first().innerHTML()).toBe(drawn);
  });

  test('Paper: a link gives the same view', async () => {
    const link = 'paper.html#throttle=8000&pacing=onoff&system=bmk&load=540';
    const { page } = await visit(link);
    const shown = await visited(page, COMMAND, (found) => found.job.duration < 1);
    expect(shown.job).toMatchObject({ system: 'bmk', load: 540, pacing: 'onoff', set: ['nic.throttle=8000/s'] });
    expect(await page.locator('#control-throttle').inputValue()).toBe('8000');
    expect(await page.locator('#control-pacing').inputValue()).toBe('onoff');
    const again = await visit(link);
    expect(await visited(again.page, COMMAND, (found) => found.job.duration < 1)).toEqual(shown);
  });

  test('Paper: recorded frames drive the systems open loop, as on the command line', async () => {
    const { page } = await visit('paper.html#input=recorded&load=180');
    await page.getByText('Open loop: recorded frames of iperf3').waitFor();
    const shown = await visited(page, COMMAND, (found) => found.result.loop === 'open');
    const command = await page.locator(COMMAND).innerText();
    expect(command).toMatch(/^npx rumpsim trace cut traces\/\S+ part\.arrow .+ && npx rumpsim run sel4-msi --replay part\.arrow /);
    expect(await commandResult(command, site.folder)).toMatchObject(shown.result);
  });

  test('Paper: a figure is downloaded as CSV, Arrow, SVG and PNG', async () => {
    const { page } = await visit('paper.html');
    await visited(page, COMMAND, () => true);
    await page.getByRole('button', { name: 'stop' }).click();
    const heads: Readonly<Record<string, RegExp>> = { CSV: /^system,/, Arrow: /^ARROW1/, SVG: /^<svg /, PNG: /^\u{FFFD}PNG/u };
    for (const [kind, head] of Object.entries(heads)) {
      const coming = page.waitForEvent('download');
      await page.getByRole('button', { name: kind, exact: true }).first().click();
      const file = await readFile(await (await coming).path());
      expect(file.toString('utf8', 0, 200)).toMatch(head);
    }
  });

  test('Interrupts: the throttle changes the interrupts, and the numbers are the command line\'s', async () => {
    const { page } = await visit('interrupts.html#load=540&system=sel4-pic');
    const before = await visited(page, 'p', () => true);
    expect(await sameAsCommandLine(before)).toEqual(before.result);
    await page.getByLabel('NIC throttle, exact value').fill('10000');
    const after = await visited(page, 'p', (shown) => shown.job.set.includes('nic.throttle=10000/s'));
    expect(after.result.counters['nic.interrupts']).toBeGreaterThan(before.result.counters['nic.interrupts'] ?? Infinity);
    expect(await sameAsCommandLine(after)).toEqual(after.result);
  });

  test('Costs: one dragged inside its range changes the answer', async () => {
    const { page } = await visit('costs.html#system=sel4-pic&load=360');
    const before = await visited(page, '.answer', () => true);
    await page.getByLabel('pit.out', { exact: true }).focus();
    await page.keyboard.press('End');
    const after = await visited(page, '.answer', (shown) => shown.job.set.length > 0);
    expect(after.job.set[0]).toMatch(/^cost\.pit\.out=/);
    expect(after.result.utilisation).toBeGreaterThan(before.result.utilisation);
    expect(await sameAsCommandLine(after)).toEqual(after.result);
  });

  test('Cycles: a step of an interrupt tells its costs and their sources', async () => {
    const { page } = await visit('cycles.html#aSystem=sel4-msi&aLoad=360');
    await page.getByText('Every step from the delivery to idle').click();
    await page.getByRole('button', { name: 'mmio/nic/icr-read' }).first().click();
    const details = page.locator('.details');
    expect(await details.innerText()).toContain('nic.mmio.read = ');
    expect((await details.locator('ul.sources li').first().innerText()).length).toBeGreaterThan(40);
    await page.locator('#control-nth').focus();
    const before = await page.locator('.status').nth(1).innerText();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(`document.querySelectorAll('.status')[1].textContent !== ${JSON.stringify(before)}`);
    await page.waitForURL(/nth=2/);
  });

  test('Cycles: a setting that cannot be is told in one line', async () => {
    const { page } = await visit('cycles.html#aSet=nic.trottle%3D0');
    const told = page.getByText("did you mean 'nic.throttle'?");
    await told.waitFor();
    expect((await told.innerText()).split('\n')).toHaveLength(1);
  });

  test('Trace: a dropped capture drives a system as on the command line', async () => {
    const { page } = await visit('trace.html#system=bmk');
    await drop(page, 'mine.pcap', gunzipSync(await readFile(CAPTURE)));
    const shown = await visited<RunResult>(page, 'div', ({ loop }) => loop === 'open');
    const expected = await commandResult(`npx rumpsim run bmk --replay '${CAPTURE}' --json`, site.folder);
    expect(expected).toMatchObject(shown);
    await page.getByText('Open loop: the frames come as they were recorded').waitFor();
  });

  test.each([
    ['a broken capture', 'broken.pcap', async () => Buffer.concat([gunzipSync(await readFile(CAPTURE)).subarray(0, 5000), Buffer.alloc(500, 0xff)]), /broken\.pcap: byte \d+: .+; /],
    ['no recording at all', 'notes.txt', async () => Buffer.from('dear diary'), /notes\.txt: byte 0: no known format begins like this; /],
    ['an empty file', 'empty.pcap', async () => Buffer.alloc(0), /empty\.pcap: byte 0: the file is empty; /],
    ['a file packed by zstd', 'x.pcap.zst', async () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3, 4]), /x\.pcap\.zst: byte 0: it is compressed by zstd.+; unpack it first/],
    ['a cut gzip file', 'cut.pcap.gz', async () => (await readFile(CAPTURE)).subarray(0, 30_000), /cut\.pcap\.gz: .+ damaged or cut off; copy it again/],
  ])('Trace: %s gives a message that can be read', async (_what, name, bytes, message) => {
    const { page } = await visit('trace.html');
    await drop(page, name, await bytes());
    const told = page.getByText(message);
    await told.waitFor();
    expect(await told.getAttribute('class')).toBe('status bad');
  });

  test('Trace: a kernel table is counted and priced', async () => {
    const { page } = await visit('trace.html');
    await drop(page, 'kernel.csv', await readFile(fileURLToPath(new URL('../fuzz/corpus/kernel-entries/pic-pit.csv', import.meta.url))));
    await page.getByText('What it would cost on the paper').waitFor();
    const prices = page.getByRole('region', { name: 'Prices' }).locator('tbody tr');
    await prices.first().waitFor();
    expect(await prices.count()).toBeGreaterThan(3);
  });

  test('Validation: filters narrow the table to what they say', async () => {
    const { page } = await visit('validation.html');
    const rows = page.getByRole('region', { name: 'Predicted and recorded' }).locator('tbody tr');
    await rows.first().waitFor();
    // The page counts as the command line did.
    const { summary } = JSON.parse(await readFile(VALIDATION, 'utf8')) as { summary: Record<'rows' | 'within' | 'outside' | 'rareOutside', number> };
    expect(await page.locator('p.status').first().innerText()).toMatch(new RegExp(`^${summary.rows} rows: ${summary.within} within the aim, ${summary.outside - summary.rareOutside} outside, ${summary.rareOutside} of which`));
    const all = await rows.count();
    await page.locator('#control-quantity').selectOption('busy share');
    await expect.poll(async () => rows.count()).toBeLessThan(all);
    expect(new Set(await rows.locator('td:nth-child(2)').allInnerTexts())).toEqual(new Set(['busy share']));
  });

  test('Bench: stop cancels', async () => {
    const { page } = await visit('bench.html');
    await page.getByText(/\d+ of \d+ runs/).waitFor();
    await page.getByRole('button', { name: 'stop' }).click();
    await page.getByText('stopped').waitFor();
    expect(await page.locator('table').count()).toBe(0);
  });

  /** What a page holds, as soon as it is what is waited for. */
  async function visited<T = Shown>(page: Page, selector: string, wanted: (shown: T) => boolean): Promise<T> {
    const element = page.locator(`${selector}[data-result]`);
    await element.waitFor({ state: 'attached' });
    for (let waited = 0; waited < 40_000; waited += 50) {
      const shown = JSON.parse((await element.getAttribute('data-result')) ?? 'null') as T;
      if (wanted(shown)) return shown;
      await page.waitForTimeout(50);
    }
    throw new Error(`${selector} does not come to what was waited for`);
  }

  /** The same run by the command that the page gives, without what only a command says. */
  async function sameAsCommandLine({ job, result }: Shown): Promise<unknown> {
    const printed = (await commandResult(commandOf(job), site.folder)) as Record<string, unknown>;
    return Object.fromEntries(Object.keys(result).map((key) => [key, printed[key]]));
  }

  async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
    const transfer = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob('${bytes.toString('base64')}'), (letter) => letter.charCodeAt(0))], ${JSON.stringify(name)}));
      return data;
    })()`);
    await page.locator('.drop').waitFor();
    await page.dispatchEvent('.drop', 'drop', { dataTransfer: transfer });
  }
});
