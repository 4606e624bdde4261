// A server with several streams, in a real Chromium against the real binary: the page is of one of them, and says which.
// usage: TAGSWELL_BIN=FILE [TAGSWELL_SCREENSHOTS=DIR] [CHROMIUM=FILE] node streams_test.mjs
import assert from "node:assert/strict";

import { rowOf, run, state } from "./harness.mjs";
import { metoo, postAfter } from "./posts.mjs";

await run({ config: "[streams.politics]\n" }, async (bench) => {
  const { server, step } = bench;
  const posts = metoo(bench.binary);
  await server.post([postAfter(0, { id: "1", text: "#Rain" })]);
  await server.post([...posts.quiet, ...posts.burst], "/v1/streams/politics");
  const page = await bench.open();
  const choice = page.locator("#stream");

  await step("the default stream is shown first, and there is a choice", async () => {
    await state(page, "live");
    await choice.waitFor();
    assert.deepEqual(await choice.locator("option").allTextContents(), ["default", "politics"]);
    assert.equal(await choice.inputValue(), "default");
    assert.equal(await rowOf(page, "#MeToo").count(), 0);
  });

  await step("another stream has its own board, live, with an address of its own", async () => {
    await choice.selectOption("politics");
    await rowOf(page, "#MeToo").waitFor();
    await state(page, "live");
    assert.equal(new URL(page.url()).hash, "#/?stream=politics");
    await choice.waitFor();
    assert.equal(await choice.inputValue(), "politics");
    await server.post([postAfter(5, { id: "2", text: "#MeToo" })], "/v1/streams/politics");
    assert.match(await page.locator("#figures").textContent(), /posts/);
  });

  await step("links and pages stay in it", async () => {
    await rowOf(page, "#MeToo").locator("a").first().click();
    await page.locator("#topic-title").filter({ hasText: "MeToo" }).waitFor();
    assert.match(page.url(), /stream=politics/);
    await page.locator("#to-board").click();
    await rowOf(page, "#MeToo").waitFor();
    await page.locator("#to-operators").click();
    await page.locator("#operators-page").waitFor();
    assert.match(page.url(), /stream=politics/);
  });

  await step("an address leads to its stream, and back", async () => {
    const other = await bench.open("#/topic/metoo?stream=politics");
    await other.locator("#topic-title").filter({ hasText: "MeToo" }).waitFor();
    await other.goto(`${server.url}/#/`);
    await state(other, "live");
    await other.locator("#stream").waitFor();
    assert.equal(await other.locator("#stream").inputValue(), "default");
    assert.equal(await rowOf(other, "#MeToo").count(), 0);
    await other.close();
  });

  await bench.look("streams", "#/?stream=politics", (of) => rowOf(of, "#MeToo").waitFor());
});
