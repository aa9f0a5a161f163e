// Walks the pages of a running server as a reader does, and holds each to what was promised: nothing that axe objects to, no
// word from the console, no request elsewhere, no JavaScript needed, no sideways scrolling, in the light and in the dark, on
// a telephone, at 200 % zoom and on a desk.
//
//   node walk.mjs http://127.0.0.1:9847 [folder for pictures]
//
// The packages of package.json are looked for in the folder that WARDWATCH_BROWSER names, or beside this file. The browser is
// the system's: /usr/bin/chromium, or what CHROMIUM names.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [base, pictures] = process.argv.slice(2);
if (!base) {
  console.error('usage: node walk.mjs URL [folder for pictures]');
  process.exit(2);
}
const folder = process.env.WARDWATCH_BROWSER ?? dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(folder, 'package.json'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const origin = new URL(base).origin;

const problems = [];
let checks = 0;

function check(holds, what) {
  checks += 1;
  if (!holds) problems.push(what);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

/** A reader: everything that the browser has to complain about becomes a problem. */
async function reader(name, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('console', (message) => {
    // The browser reports the status of the page that is meant to be missing.
    if (!/status of 404/.test(message.text())) problems.push(`${name}: console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`${name}: ${error}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    check(url.origin === origin || url.protocol === 'data:', `${name}: request to ${url.origin}`);
  });
  return { context, page };
}

async function open(page, path, status = 200) {
  const response = await page.goto(base + path);
  check(response.status() === status, `${path}: status ${response.status()}`);
  check((await response.headerValue('content-security-policy'))?.startsWith("default-src 'none'"), `${path}: policy`);
}

/** With JavaScript off: search, sort, choose, open a device, go to the findings. Gives the paths found. */
async function walk() {
  const { context, page } = await reader('without JavaScript', { javaScriptEnabled: false });
  await open(page, '/');
  const title = (await page.locator('tbody th a').first().innerText()).trim();
  const pressing = await page.locator('tbody th a').first().getAttribute('href');
  await page.getByLabel('Search').fill(title);
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(/[?&]q=/);
  check((await page.locator('tbody th a', { hasText: title }).count()) > 0, `search does not find ${title}`);
  const search = page.url().slice(base.length);

  await page.getByRole('link', { name: 'Class', exact: true }).click();
  await page.waitForURL(/sort=class/);
  check((await page.locator('th[aria-sort=ascending]').innerText()).includes('Class'), 'sorting is not told');
  check((await page.getByLabel('Search').inputValue()) === title, 'sorting forgets the search');

  await page.goto(base + '/');
  const fold = page.locator('.facets > summary');
  if (await fold.isVisible()) await fold.click();
  await page.locator('.choice input').first().check();
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(/class=/);
  check(await page.locator('.choice input').first().isChecked(), 'a choice does not stay to be seen');
  const choice = page.url().slice(base.length);

  await page.locator('tbody th a').first().click();
  await page.waitForURL(/\/devices\//);
  check(await page.getByRole('heading', { name: 'Evidence', exact: true }).isVisible(), 'no evidence');
  const device = page.url().slice(base.length);

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Findings' }).click();
  await page.waitForURL(/\/findings/);
  check(await page.getByRole('heading', { name: 'Findings', level: 1 }).isVisible(), 'no findings');
  await context.close();
  return [search, choice, pressing, device];
}

/** Every page as one kind of reader has it. */
async function look(paths, colorScheme, width) {
  const name = `${colorScheme} ${width}`;
  const { context, page } = await reader(name, { colorScheme, viewport: { width, height: 900 }, bypassCSP: false });
  for (const [path, status] of paths) {
    await open(page, path, status);
    const violations = await page.evaluate(`${axe}; axe.run({ resultTypes: ['violations'] })`);
    for (const violation of violations.violations) {
      const where = violation.nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ');
      problems.push(`${name}: ${path}: ${violation.id}: ${where}`);
    }
    checks += 1;
    const beyond = await page.evaluate(
      '[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, .hidden, thead")).map((e) => e.tagName + "." + e.className)',
    );
    check(beyond.length === 0, `${name}: ${path}: sideways: ${beyond.slice(0, 5)}`);
    await page.keyboard.press('Tab');
    const first = await page.evaluate('document.activeElement.textContent');
    check(first === 'Skip to content', `${name}: ${path}: the first stop is ${first}`);
    if (pictures) {
      await page.evaluate('document.activeElement.blur()');
      const file = path.replace(/[^a-z0-9]+/gi, '-').slice(0, 40);
      await page.screenshot({ path: join(pictures, `${colorScheme}-${width}${file}.png`), fullPage: true });
    }
  }
  await context.close();
}

try {
  const found = await walk();
  const paths = [...['/', ...found, '/findings', '/findings?state=resolved'].map((path) => [path, 200]), ['/nowhere', 404]];
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [320, 640, 1280]) await look(paths, colorScheme, width);
  }
} catch (error) {
  problems.push(`the walk ended: ${error.stack}`);
} finally {
  await browser.close();
}
problems.forEach((problem) => console.error(problem));
console.log(`${checks} checks, ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
