// The live board in a real Chromium against the real binary.
// usage: TAGSWELL_BIN=FILE [TAGSWELL_SCREENSHOTS=DIR] [CHROMIUM=FILE] node board_test.mjs
// Exits 77 with a message where something it needs is absent.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { Server, synth } from "./server.mjs";

const kScale = 50;
const kWaitMs = 15_000;
const kPageBytesMax = 200 * 1024;
const kFirstRenderMsMax = 1000;
const kDrawMsMax = 50;  // the median, a third of the time between two drawings
const kHostile = `<img src=x onerror="document.title='taken over'"><script>document.title='taken over'</script>`;
const kFlags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
// 40 people in ten minutes, after the stream's burst: a tag from right to left, and one that is too long for any line.
const kLateTags = ["سلام_عليكم_ورحمة_الله", `A${"VeryLong".repeat(14)}Tag`];

function skip(message) {
  console.log(`skipped: ${message}`);
  process.exit(77);
}

const binary = process.env.TAGSWELL_BIN ?? "";
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(binary)) skip("no tagswell binary: set TAGSWELL_BIN");
if (!existsSync(chromium)) skip(`no Chromium at ${chromium}: apt-get install chromium`);
const playwright = await import("playwright-core").catch(() => skip("playwright-core is absent: npm ci in tests/browser"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const server = await Server.create(binary);
const browser = await playwright.chromium.launch({ executablePath: chromium, args: kFlags });
const complaints = [];  // of the console, of uncaught errors, of requests to other hosts
let outage = false;     // while the server is down, refused connections are expected

async function openPage(options = {}, hash = "") {
  const page = await browser.newPage({ viewport: { width: 1360, height: 900 }, locale: "en-GB", timezoneId: "UTC", ...options });
  page.setDefaultTimeout(kWaitMs);
  page.on("console", (message) => {
    const refused = outage && /ERR_CONNECTION_REFUSED|WebSocket|503/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !refused) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.stack}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.host !== new URL(server.url).host && url.protocol !== "data:") complaints.push(`foreign request: ${url}`);
  });
  await page.goto(`${server.url}/${hash}`);
  return page;
}

const rowOf = (page, tag) => page.locator("#rows .row").filter({ has: page.locator(`.topic bdi:text-is("${tag}")`) });
const state = (page, name) => page.locator(`#connection[data-state="${name}"]`).waitFor();
const feedOf = (page) => page.locator("#feed li").allTextContents();

// Waits until the page shows the trends that the server tells of, in their order.
async function showsBoardOf(page, scope) {
  await page.waitForFunction(async (of) => {
    const answer = await (await fetch(`/v1/trends?limit=50&scope=${encodeURIComponent(of)}`)).json();
    const wanted = answer.trends.map((row) => `#${row.display}`);
    const shown = [...document.querySelectorAll("#rows .topic")].map((node) => node.textContent);
    return wanted.length > 0 && JSON.stringify(wanted) === JSON.stringify(shown);
  }, scope);
}

async function step(name, run) {
  const began = performance.now();
  await run();
  console.log(`ok ${name} (${Math.round(performance.now() - began)} ms)`);
}

async function main() {
  const stream = synth(binary, kScale);
  const timeOf = (line) => /"created_at":"([^"]+)"/.exec(line)[1];
  const before = (time) => stream.findIndex((line) => timeOf(line) >= time);
  const evening = before("2017-10-15T20:21:00Z");
  const night = before("2017-10-16T00:00:00Z");
  const page = await openPage();

  await step("an empty server says how to send the first post", async () => {
    await page.getByText("No posts yet").waitFor();
    assert.match(await page.locator("pre").textContent(), /curl http:.*\/v1\/posts/s);
    await state(page, "live");
    await shots("empty");
  });

  await step("the page is light and fast, and asks nothing of others", async () => {
    const parts = await page.evaluate(() => {
      const paint = performance.getEntriesByName("first-contentful-paint")[0];
      const files = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
      return { paint: paint.startTime, bytes: files.reduce((sum, file) => sum + file.encodedBodySize, 0) };
    });
    assert.ok(parts.bytes < kPageBytesMax, `${parts.bytes} bytes`);
    assert.ok(parts.paint < kFirstRenderMsMax, `first render after ${parts.paint} ms`);
    console.log(`   ${parts.bytes} bytes, first render after ${Math.round(parts.paint)} ms`);
  });

  await step("files answer 304 to their ETag, and unknown ones 404", async () => {
    const first = await fetch(`${server.url}/board.js`);
    assert.match(first.headers.get("content-type"), /^text\/javascript/);
    assert.match(first.headers.get("content-security-policy"), /default-src 'none'.*script-src 'self'/);
    const again = await fetch(`${server.url}/board.js`, { headers: { "if-none-match": first.headers.get("etag") } });
    assert.equal(again.status, 304);
    assert.equal((await fetch(`${server.url}/board.php`)).status, 404);
  });

  await step("a trend appears while the page is open", async () => {
    await server.post(stream.slice(0, evening));
    await server.post(stream.slice(evening, night));
    await rowOf(page, "#MeToo").waitFor();
    assert.match(await rowOf(page, "#MeToo").locator(".why").textContent(), /people in the last .*; .* expected/);
    await page.locator("#feed li", { hasText: "#MeToo" }).first().waitFor();
    await page.locator("#most-used li", { hasText: "#MeToo" }).waitFor();
    await rowOf(page, "#MeToo").locator(".curve svg .line").waitFor();
  });

  await step("rows stand as the server ranks them", () => showsBoardOf(page, "world"));

  await step("another scope is another board, and has an address", async () => {
    await page.locator("#scope").selectOption("country:FR");
    await page.locator("#board-title", { hasText: "France" }).waitFor();
    await showsBoardOf(page, "country:FR");
    assert.equal(new URL(page.url()).hash, "#scope=country%3AFR");
    await page.goBack();
    await rowOf(page, "#MeToo").waitFor();
    assert.equal(await page.locator("#scope").inputValue(), "world");
  });

  await step("the board as it was, and back", async () => {
    await page.locator("#at").fill("2017-10-15T20:00");
    await page.getByRole("button", { name: "Show" }).click();
    await page.locator("#board-title", { hasText: "What trended" }).waitFor();
    await page.locator("#board[aria-busy=false]").waitFor();
    assert.equal(await rowOf(page, "#MeToo").count(), 0);
    await page.getByRole("button", { name: "Back to live" }).click();
    await rowOf(page, "#MeToo").waitFor();
    await state(page, "live");
  });

  await step("after an outage the stream goes on without gap or repeat", async () => {
    outage = true;
    await server.stop();
    await state(page, "waiting");
    await server.start();
    await server.post(lateBursts());
    await state(page, "live");
    outage = false;
    for (const tag of kLateTags) {
      await rowOf(page, `#${tag}`).waitFor();
      await page.locator("#feed li[data-type='started']", { hasText: `#${tag.slice(0, 30)}` }).waitFor();
    }
    const wanted = (await server.get("/v1/events?scope=world&type=started&type=milestone&type=peaked&type=ended&limit=1000")).events;
    const shown = await page.locator("#feed li[data-type='started']").allTextContents();
    assert.equal(new Set(await feedOf(page)).size, (await feedOf(page)).length, "an event is shown twice");
    for (const event of wanted.filter((one) => one.type === "started").slice(-shown.length)) {
      const start = `#${event.display.slice(0, 30)}`;
      assert.ok(shown.some((text) => text.includes(start)), `${event.display} is missing`);
    }
  });

  await step("text from strangers stays text", async () => {
    const hostile = await browser.newPage();
    hostile.on("pageerror", (error) => complaints.push(`uncaught: ${error}`));
    await hostile.route("**/v1/top?*", async (route) => {
      await route.fulfill({ json: { topics: [{ topic: "x", display: kHostile, posts: 3, authors: 2 }] } });
    });
    await hostile.goto(server.url);
    await hostile.locator("#most-used .tag", { hasText: "<img" }).waitFor();
    assert.ok((await hostile.locator("#most-used .tag").textContent()).startsWith(`#${kHostile.slice(0, 30)}`));
    assert.equal(await hostile.locator("#most-used img, #most-used script").count(), 0);
    assert.doesNotMatch(await hostile.title(), /taken over/);
    await hostile.close();
  });

  await step("movement is told against the board of fifteen minutes ago", async () => {
    const told = await page.evaluate(async () => {
      const { BoardModel } = await import("/board_model.js");
      const row = (trend) => ({ trend, started_at: "2020-01-01T00:00:00Z" });
      const model = new BoardModel();
      model.remember([row("a"), row("b")], "2020-01-01T11:45:00Z");
      model.replace([row("b"), row("a"), { trend: "c", started_at: "2020-01-01T11:50:00Z" }], "2020-01-01T12:00:00Z");
      const now = model.rows.map((one, index) => model.movement(one, index + 1));
      model.advance("2020-01-01T12:16:00Z");
      return [...now, ...model.rows.map((one, index) => model.movement(one, index + 1))].map(({ kind, places }) => `${kind} ${places}`);
    });
    assert.deepEqual(told, ["up 1", "down 1", "new 0", "same 0", "same 0", "same 0"]);
  });

  await step("fifty rows that all change are drawn in time", async () => {
    const times = await page.evaluate(async () => {
      const [{ BoardModel }, { BoardView }, { FeedView }] =
        await Promise.all(["/board_model.js", "/board_view.js", "/feed_view.js"].map((path) => import(path)));
      const rows = (await (await fetch("/v1/trends?scope=world")).json()).trends;
      const lists = [document.createElement("ol"), document.createElement("ol"), document.createElement("p")];
      document.body.append(...lists);
      const model = new BoardModel();
      const view = new BoardView(lists[0], { show() {}, remove() {} });
      const feed = new FeedView(lists[1], lists[2]);
      const spent = [];
      for (let frame = 0; frame < 120; ++frame) {
        await new Promise(requestAnimationFrame);
        const began = performance.now();
        for (let i = 0; i < 2; ++i) {
          const n = frame * 2 + i;
          const from = rows[n % rows.length];
          const event = { ...from, seq: n, type: "milestone", time: from.started_at, trend: `t${n % 50}`, rank: 1 + (n * 7) % 20,
            milestone: { counted: "authors", count: n } };
          model.apply(event);
          feed.add(event);
        }
        view.render(model);
        feed.render(model.now);
        void document.body.offsetHeight;
        spent.push(performance.now() - began);
      }
      for (const list of lists) list.remove();
      return spent.sort((a, b) => a - b);
    });
    const [median, late] = [times[60], times[114]];
    console.log(`   drawing: median ${median.toFixed(1)} ms, 95 % within ${late.toFixed(1)} ms, longest ${times.at(-1).toFixed(1)} ms`);
    assert.ok(median < kDrawMsMax, `${median} ms`);
  });

  await shots("busy");
  assert.deepEqual(complaints, []);
}

// Each late tag by 40 people who have posted before, in the ten minutes after the stream's end.
function lateBursts() {
  const start = Date.parse("2017-10-16T00:00:00Z");
  const line = (tag, kind, i) => JSON.stringify({
    id: `late-${kind}-${i}`, source: "twitter", author: `late-${kind}-${i}`, text: `Hello #${tag}`,
    created_at: new Date(start + i * 15_000 + kind).toISOString(), author_created_at: "2012-01-01T00:00:00Z",
  });
  const people = [...Array(60).keys()];
  return people.flatMap((i) => kLateTags.map((tag, kind) => line(tag, kind, i)));
}

// The page as people see it, in both schemes and at both widths; each must be fit for everyone (axe) and for its width.
async function shots(name) {
  const folder = process.env.TAGSWELL_SCREENSHOTS;
  if (folder) mkdirSync(folder, { recursive: true });
  for (const [width, height, device] of [[1360, 900, "desktop"], [390, 844, "phone"]]) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await openPage({ viewport: { width, height }, colorScheme, bypassCSP: true });
      await state(page, "live");
      await page.locator("#board[aria-busy=false]").waitFor();
      for (const row of await page.locator("#rows .row").all()) {
        await row.scrollIntoViewIfNeeded();
        await row.locator(".curve svg").waitFor();
      }
      await page.evaluate(() => scrollTo(0, 0));
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `${device}: wider than the screen`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run());
      const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
      assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${name} ${device} ${colorScheme}`);
      if (folder) await page.screenshot({ path: join(folder, `board-${name}-${device}-${colorScheme}.png`), fullPage: true });
      await page.close();
    }
  }
}

let failed = false;
try {
  await main();
} catch (error) {
  failed = true;
  console.log(error);
  if (complaints.length > 0) console.log(complaints);
  console.log(server.log());
} finally {
  await browser.close();
  await server.close();
}
process.exitCode = failed ? 1 : 0;
