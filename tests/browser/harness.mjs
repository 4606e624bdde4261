// What the browser tests share: the binary, Chromium, pages that may not complain, a look at each view.
//
// run(options, main) exits 77 with a message where something it needs is absent; else with 0 or 1.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { Server } from "./server.mjs";

const kWaitMs = 15_000;
const kFlags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const kDevices = [[1360, 900, "desktop"], [390, 844, "phone"]];

const binary = process.env.TAGSWELL_BIN ?? "";
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";

function skip(message) {
  console.log(`skipped: ${message}`);
  process.exit(77);
}

class Bench {
  complaints = [];    // of the console, of uncaught errors, of requests to other hosts
  forgiven = null;    // a pattern of complaints that are expected for the moment
  binary = binary;
  #browser;
  #axe;

  constructor(server, browser) {
    this.server = server;
    this.#browser = browser;
    this.#axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  }

  // prepare(page): before the page is loaded.
  async open(hash = "", { prepare = null, ...options } = {}) {
    const page = await this.#browser.newPage({ viewport: { width: 1360, height: 900 }, locale: "en-GB", timezoneId: "UTC", ...options });
    page.setDefaultTimeout(kWaitMs);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.#complain(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.#complain(`uncaught: ${error.stack}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.host !== new URL(this.server.url).host && url.protocol !== "data:") this.#complain(`foreign request: ${url}`);
    });
    await prepare?.(page);
    await page.goto(`${this.server.url}/${hash}`);
    return page;
  }

  #complain(text) {
    if (!this.forgiven?.test(text)) this.complaints.push(text);
  }

  async step(name, work) {
    const began = performance.now();
    await work();
    console.log(`ok ${name} (${Math.round(performance.now() - began)} ms)`);
  }

  // A view as people see it, in both schemes and at both widths; each must be fit for everyone (axe) and for its width.
  // ready(page): waits until there is something to see. fullPage: the picture reaches below the screen.
  async look(name, hash, ready, { fullPage = true, ...options } = {}) {
    const folder = process.env.TAGSWELL_SCREENSHOTS;
    if (folder) mkdirSync(folder, { recursive: true });
    for (const [width, height, device] of kDevices) {
      for (const colorScheme of ["light", "dark"]) {
        const page = await this.open(hash, { viewport: { width, height }, colorScheme, bypassCSP: true, ...options });
        await ready(page);
        await page.evaluate(() => scrollTo(0, 0));
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `${name} ${device}: wider than the screen`);
        await page.evaluate(this.#axe);
        const { violations } = await page.evaluate(() => window.axe.run());
        const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
        assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${name} ${device} ${colorScheme}`);
        if (folder) await page.screenshot({ path: join(folder, `board-${name}-${device}-${colorScheme}.png`), fullPage });
        await page.close();
      }
    }
  }
}

// options: of Server.create. main(bench) throws where the page breaks a promise.
export async function run(options, main) {
  if (!existsSync(binary)) skip("no tagswell binary: set TAGSWELL_BIN");
  if (!existsSync(chromium)) skip(`no Chromium at ${chromium}: apt-get install chromium`);
  const playwright = await import("playwright-core").catch(() => skip("playwright-core is absent: npm ci in tests/browser"));
  const server = await Server.create(binary, options);
  const browser = await playwright.chromium.launch({ executablePath: chromium, args: kFlags });
  const bench = new Bench(server, browser);
  try {
    await main(bench);
    assert.deepEqual(bench.complaints, []);
  } catch (error) {
    process.exitCode = 1;
    console.log(error);
    if (bench.complaints.length > 0) console.log(bench.complaints);
    console.log(server.log());
  } finally {
    await browser.close();
    await server.close();
  }
}

export const rowOf = (page, tag) => page.locator("#rows .row").filter({ has: page.locator(`.topic bdi:text-is("${tag}")`) });
export const state = (page, name) => page.locator(`#connection[data-state="${name}"]`).waitFor();

// Every curve of the board is drawn: they come as rows are scrolled into view.
export async function boardIsDrawn(page) {
  await page.locator("#board[aria-busy=false]").waitFor();
  for (const row of await page.locator("#rows .row").all()) {
    await row.scrollIntoViewIfNeeded();
    await row.locator(".curve svg").waitFor();
  }
}
