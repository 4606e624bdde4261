// Topic pages, search and the past, in a real Chromium against the real binary.
// usage: TAGSWELL_BIN=FILE [TAGSWELL_SCREENSHOTS=DIR] [CHROMIUM=FILE] node topic_test.mjs
import assert from "node:assert/strict";

import { boardIsDrawn, rowOf, run, state } from "./harness.mjs";
import { kHostile, kLateTags, lateBursts, metoo, postAfter } from "./posts.mjs";

const kConfig = `[[alias]]\ntopic = "metoo"\ntags = ["MeToo"]\nphrases = ["me too"]\n`;
const kEvening = "2017-10-15T22:00:00Z";

const hashOf = (page) => new URL(page.url()).hash;
const topicIsDrawn = async (page) => {
  await page.locator("#verdict .state").waitFor();
  await page.locator("#history svg").waitFor();
};
const section = (page, title) => page.locator(`section:has(> h2:text-is("${title}"))`);

await run({ config: kConfig }, async (bench) => {
  const { server, step } = bench;
  const posts = metoo(bench.binary);
  await server.post([...posts.quiet, ...posts.burst, ...lateBursts()]);
  const page = await bench.open("#/topic/metoo");

  await step("a topic's page tells why it trends, since when, and how it went", async () => {
    await topicIsDrawn(page);
    assert.match(await page.title(), /^#MeToo · tagswell$/);
    assert.match(await page.locator("#verdict").textContent(), /Trends at number 1 since .*people in the last .*; .* expected; usual for a .*: \d+ to [\d,]+\..*By chance/s);
    assert.match(await page.locator("#history .mark").first().textContent(), /^announced /);
    await section(page, "What happened").getByText("Reached 1,000 people").waitFor();
    assert.deepEqual(await page.locator("#history .milestone title").allTextContents(), ["reached 1,000 posts", "reached 1,000 people"]);
    await section(page, "How much").getByRole("row", { name: /^24 hours/ }).waitFor();
    const { windows } = await server.get("/v1/topics/metoo");
    const shown = await section(page, "How much").getByRole("row", { name: /^24 hours/ }).locator("td").allTextContents();
    assert.deepEqual(shown.map((text) => Number(text.replaceAll(",", ""))), [windows["24h"].posts, windows["24h"].authors]);
  });

  await step("scopes stand in the order in which it was announced there", async () => {
    const { events } = await server.get("/v1/events?topic=metoo&type=started&limit=1000");
    const countries = [...new Set(events.map((event) => event.scope).filter((scope) => scope.startsWith("country:")))];
    const order = section(page, "Announced, in order");
    const links = await order.locator("h3:text-is('Countries') + ol li > :first-child a").evaluateAll((nodes) => nodes.map((node) => node.hash));
    assert.ok(links.length > 3);
    assert.deepEqual(links, countries.slice(0, links.length).map((scope) => `#/topic/metoo?scope=${scope}`));
    await order.getByText("Languages").waitFor();
    await order.getByText("Networks").waitFor();
  });

  await step("its first post and latest posts are those of the server", async () => {
    const { events } = await server.get("/v1/events?topic=metoo&limit=100");
    const named = events.find((event) => event.first_post).first_post;
    const first = await server.get(`/v1/posts/${named.source}/${named.id}`);
    await section(page, "First post").getByText(first.text).waitFor();
    const { posts: latest } = await server.get("/v1/topics/metoo/posts?limit=20");
    assert.deepEqual(await page.locator("#posts .post-text").allTextContents(), latest.map((post) => post.text));
    await page.getByRole("button", { name: "Earlier posts" }).click();
    await page.locator("#posts .post").nth(39).waitFor();
  });

  await step("the curve says its numbers to the keyboard", async () => {
    const plot = page.getByRole("slider", { name: "Posts and people over time" });
    await plot.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("PageDown");
    const { steps } = await server.get("/v1/topics/metoo/history?step=5m&from=2017-10-15T23:00:00Z&to=2017-10-15T23:20:00Z");
    const told = await plot.getAttribute("aria-valuetext");
    const step_at = steps.find((one) => told.includes(`${new Date(one.time).getUTCHours()}:${one.time.slice(14, 16)}`));
    assert.ok(step_at, told);
    assert.ok(told.startsWith(`${step_at.posts} posts by ${step_at.authors} people`), told);
  });

  await step("ranges and scopes have addresses, and back leads back", async () => {
    await page.getByRole("link", { name: "All", exact: true }).click();
    await page.locator("#history .legend", { hasText: "every day" }).waitFor();
    assert.equal(hashOf(page), "#/topic/metoo?range=all");
    await page.locator("#scope").selectOption("country:FR");
    await page.locator("#topic-title", { hasText: "France" }).waitFor();
    await topicIsDrawn(page);
    assert.equal(hashOf(page), "#/topic/metoo?scope=country:FR&range=all");
    await page.goBack();
    await page.goBack();
    await page.locator("#ranges [aria-current]", { hasText: "Day" }).waitFor();
    assert.equal(hashOf(page), "#/topic/metoo");
  });

  await step("search offers what is used, and opens what is typed", async () => {
    const box = page.getByRole("combobox", { name: "Search topics" });
    await page.locator("#topic-title").focus();
    await page.keyboard.press("/");
    await page.keyboard.type("#balance");
    await page.getByRole("option", { name: /#BalanceTonPorc/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    assert.equal(await box.getAttribute("aria-activedescendant"), "search-option-0");
    await page.keyboard.press("Enter");
    await page.locator("#topic-title", { hasText: "#BalanceTonPorc" }).waitFor();
    assert.equal(hashOf(page), "#/topic/balancetonporc");
    assert.equal(await box.inputValue(), "");
    await box.fill(kLateTags[0]);
    await page.getByRole("option").first().click();
    await page.locator("#topic-title", { hasText: kLateTags[0] }).waitFor();
    await topicIsDrawn(page);
  });

  await step("a topic that nobody used says so", async () => {
    bench.forgiven = /404/;
    await page.getByRole("combobox", { name: "Search topics" }).fill("no such topic");
    await page.keyboard.press("Enter");
    await page.getByText("Nobody used this topic here.").waitFor();
    bench.forgiven = null;
    assert.equal(hashOf(page), "#/topic/no%20such%20topic");
  });

  await step("posts are text, in their own direction", async () => {
    await server.post([
      postAfter(20, { id: "hostile", text: kHostile, tags: ["hostile"] }),
      postAfter(20, { id: "arabic", text: "مرحبا بالعالم", tags: ["hostile"], author: `<b>${kHostile}` }),
    ]);
    await page.goto(`${server.url}/#/topic/hostile`);
    await page.locator("#posts .post").nth(1).waitFor();
    assert.deepEqual(await page.locator("#posts .post-text").allTextContents(), ["مرحبا بالعالم", kHostile]);
    assert.equal(await page.locator("#posts img, #posts script, #posts b").count(), 0);
    assert.doesNotMatch(await page.title(), /taken over/);
    const directions = await page.locator("#posts .post-text").evaluateAll((nodes) => nodes.map((node) => getComputedStyle(node).direction));
    assert.deepEqual(directions, ["rtl", "ltr"]);
  });

  await step("a hostile name in an address is a name", async () => {
    bench.forgiven = /404/;
    await page.goto(`${server.url}/#/topic/${encodeURIComponent(kHostile)}`);
    await page.locator("#topic-title", { hasText: "<img" }).waitFor();
    await page.getByText("Nobody used this topic here.").waitFor();
    bench.forgiven = null;
    assert.equal(await page.locator("#topic-title img, #topic-title script").count(), 0);
  });

  await step("what else the server tells of a topic is shown", async () => {
    const told = await bench.open("#/topic/metoo", { prepare: (of) => of.route(/\/v1\/topics\/metoo(\?|$)/, async (route) => {
      const answer = await (await route.fetch()).json();
      await route.fulfill({ json: { ...answer,
        origin: { source: "twitter", id: "9", author: "alyssa", created_at: kEvening, text: "If you have been …", kind: "original", replies: 38_000, reposts: 1 },
        carriers: { most_reposted: [{ author: "carrier_one", source: "twitter", id: "7", reposts: 1234, replies: 5 }], most_replied_to: [],
          largest: [{ author: "carrier_two", source: "facebook", followers: 98_765, posts: 2 }] },
        arrivals: [{ scope: "country:US", time: kEvening }, { scope: "lang:fr", time: "2017-10-15T22:07:00Z" }],
        related: [{ topic: "ashley", display: "Ashley", lift: 17.4 }],
        successors: [{ topic: "wetoo", display: "WeToo", lang: "en", first_at: "2017-10-15T23:00:00Z", authors: 98, carriers: 61, lift: 30 }],
        sisters: [{ topic: "balancetonporc", display: "BalanceTonPorc", lang: "fr", first_at: kEvening, authors: 280, carriers: 41, lift: 9 },
          { topic: "sans", display: "Sans", first_at: kEvening, authors: 200, carriers: 30, lift: 9 }] } });
    }) });
    await section(told, "Origin").getByText("38,000 replies, 1 repost").waitFor();
    await section(told, "Carried by").getByText("1,234 reposts").waitFor();
    await section(told, "Carried by").getByText("98,765 followers").waitFor();
    await section(told, "First used, in order").getByText("+7m").waitFor();
    await section(told, "Related").getByRole("link", { name: "#Ashley" }).waitFor();
    const successor = section(told, "What grew out of it").getByRole("listitem");
    assert.match(await successor.textContent(), /^#WeToosince .*23:00; 61 of its first 98 people came from here$/);
    const sisters = section(told, "In other languages").getByRole("listitem");
    assert.deepEqual(await sisters.allTextContents(), ["#BalanceTonPorcFrench; 41 of 280 people use both", "#Sans30 of 200 people use both"]);
    assert.equal(await sisters.first().getByRole("link").getAttribute("href"), "#/topic/balancetonporc");
    await told.close();
    await page.goto(`${server.url}/#/topic/metoo`);
    // And without any help, what is true of the stream that this server was given.
    await section(page, "Origin").getByText("Alyssa_Milano").first().waitFor();
    await section(page, "First used, in order").getByText("United States").first().waitFor();
    const { related } = await server.get("/v1/topics/metoo");
    assert.deepEqual(await section(page, "Related").locator(".topic-link").allTextContents(), related.map(({ display }) => `#${display}`));
    assert.equal(await section(page, "What grew out of it").count(), 0, "nothing did yet");
  });

  await step("the slider shows the board of any past minute, and back", async () => {
    await page.goto(`${server.url}/#/`);
    await rowOf(page, "#MeToo").waitFor();
    const slider = page.getByRole("slider", { name: "Time of the board" });
    assert.equal(await slider.getAttribute("aria-valuetext"), "now");
    await slider.focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator("#board-title", { hasText: "What trended" }).waitFor();
    await state(page, "past");
    const one_before = hashOf(page);
    assert.match(one_before, /^#\/at\/2017-10-16T00:\d\d:00Z$/);
    // From the keyboard each step counts, and dragging far shows where the thumb is.
    await slider.fill(String(await slider.evaluate((node) => node.valueAsNumber - 240)));
    await page.locator("#board-time", { hasText: /15 Oct 2017/ }).waitFor();
    await page.locator("#board[aria-busy=false]").waitFor();
    await page.waitForFunction((before) => location.hash !== before, one_before);
    const at = hashOf(page).slice("#/at/".length);
    const { trends } = await server.get(`/v1/trends?limit=50&at=${at}`);
    assert.deepEqual(await page.locator("#rows .topic").allTextContents(), trends.map((row) => `#${row.display}`));
    await page.getByRole("button", { name: "a day earlier" }).click();
    await page.waitForFunction((before) => location.hash !== before, `#/at/${at}`);
    assert.equal(Date.parse(at) - Date.parse(hashOf(page).slice("#/at/".length)), 86_400_000);
    await page.getByRole("button", { name: "Back to live" }).click();
    await rowOf(page, "#MeToo").waitFor();
    await state(page, "live");
    await page.goBack();
    await state(page, "past");
  });

  await step("a date and a time lead to that minute", async () => {
    await page.goto(`${server.url}/#/`);
    await rowOf(page, "#MeToo").waitFor();
    await page.locator("#at").fill("2017-10-15T20:00");
    await page.locator("#board-title", { hasText: "What trended" }).waitFor();
    await page.locator("#board-time", { hasText: "20:00" }).waitFor();
    assert.equal(hashOf(page), "#/at/2017-10-15T20:00:00Z");
    assert.equal(await rowOf(page, "#MeToo").count(), 0);
    await page.locator("#most-used li").first().waitFor();
    const { topics } = await server.get("/v1/top?window=1h&limit=15&at=2017-10-15T20:00:00Z");
    assert.deepEqual(await page.locator("#most-used .tag").allTextContents(), topics.map((topic) => `#${topic.display}`));
  });

  await step("marks stand where trends started", async () => {
    await page.goto(`${server.url}/#/at/${kEvening}`);
    await page.locator("#starts i").first().waitFor();
    // The past tells what was shown in that minute.
    const then = (await server.get(`/v1/trends?at=${kEvening}`)).trends.find(({ topic }) => topic === "metoo");
    const { authors } = then.explanation;
    assert.ok((await rowOf(page, "#MeToo").locator(".why").textContent()).startsWith(`${authors} people in the last `));
    const { events } = await server.get("/v1/events?scope=world&type=started&limit=1000");
    // Half a day after the chosen minute is not there yet: the slider's day ends with the newest minute.
    const end = Math.floor(Date.parse((await server.get("/v1/stats")).engine_time) / 60_000) * 60_000;
    const within = events.map(({ time }) => Date.parse(time)).filter((time) => time >= end - 86_400_000 && time <= end);
    assert.ok(within.length > 0 && within.length < events.length);
    assert.equal(await page.locator("#starts i").count(), within.length);
  });

  await step("a topic that trends while its page is open says so at once", async () => {
    const late = await bench.open("#/topic/newcomer", { prepare: () => (bench.forgiven = /404/) });
    await late.getByText("Nobody used this topic here.").waitFor();
    bench.forgiven = null;
    const people = [...Array(60).keys()];
    await server.post(people.map((i) => postAfter(30 + i / 6, { id: `n${i}`, author: `n${i}`, text: `hello ${i} #Newcomer` })));
    await server.post([postAfter(43, { id: "end", text: "later" })]);
    await section(late, "What happened").getByText("Started trending").waitFor();
    await late.locator("#verdict", { hasText: "Trends at number" }).waitFor();
    await late.close();
  });

  await step("a trend that a block withdrew stays, and says why", async () => {
    await page.goto(`${server.url}/#/topic/newcomer`);
    const order = section(page, "Announced, in order");
    await order.getByText("World").waitFor();
    assert.equal(await order.getByText("withdrawn").count(), 0);
    await fetch(`${server.url}/v1/blocks/newcomer`, { method: "PUT" });
    await order.getByText("withdrawn: it was blocked").first().waitFor();
    await section(page, "What happened").getByText("Was blocked").waitFor();
    assert.equal(await page.locator("#history .mark").count(), 0);
  });

  await bench.look("topic", "#/topic/metoo", topicIsDrawn, { fullPage: false });
  await bench.look("past", `#/at/${kEvening}`, boardIsDrawn);
});
