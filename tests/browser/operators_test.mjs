// A server that asks for tokens, and the operators' view, in a real Chromium against the real binary.
// usage: TAGSWELL_BIN=FILE [TAGSWELL_SCREENSHOTS=DIR] [CHROMIUM=FILE] node operators_test.mjs
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { boardIsDrawn, rowOf, run, state } from "./harness.mjs";
import { kLateTags, lateBursts, metoo } from "./posts.mjs";

const kTokens = { feeder: ["ingest"], reader: ["read"], boss: ["ingest", "read", "admin"] };
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const kConfig = Object.entries(kTokens)
  .map(([name, roles]) => `[[token]]\nname = "${name}"\nsha256 = "${sha256(`${name}-secret`)}"\nroles = ${JSON.stringify(roles)}\n`)
  .concat(['[[alias]]\ntopic = "metoo"\ntags = ["MeToo"]\nphrases = ["me too"]\n'])
  .join("\n");

const kReviewTags = ["Welcome", "Unwelcome"];
const kHostile = "<img src=x onerror=alert(1)>";

const panel = (page, title) => page.locator(".panel", { has: page.locator(`h2:text-is("${title}")`) });
const enter = async (page, token) => {
  await page.getByRole("dialog").waitFor();
  await page.locator("#token").fill(token);
  await page.getByRole("button", { name: "Use it" }).click();
};
const withToken = (token) => ({ prepare: (page) => page.addInitScript((value) => sessionStorage.setItem("tagswell.token", value), token) });

await run({ config: kConfig, token: "boss-secret" }, async (bench) => {
  const { server, step } = bench;
  const posts = metoo(bench.binary);
  await server.post([...posts.quiet, ...posts.burst]);
  bench.forgiven = /status of 40[13]/;
  const page = await bench.open();
  const restart = async (config) => {
    bench.forgiven = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|503/;
    await server.stop();
    server.configure(config);
    await server.start();
    await state(page, "live");
    bench.forgiven = null;
  };

  await step("a server with tokens asks for one, and again for a better one", async () => {
    await page.getByRole("dialog").getByText("This server asks for a token.").waitFor();
    await enter(page, "wrong");
    await page.getByRole("dialog").getByText("The server does not know this token.").waitFor();
    await enter(page, "feeder-secret");
    await page.getByText("The token does not carry the role that this needs.").waitFor();
    await page.getByRole("button", { name: "Enter a token" }).click();
    await enter(page, "reader-secret");
    await rowOf(page, "#MeToo").waitFor();
    await state(page, "live");
    bench.forgiven = null;
  });

  await step("the token is kept in the tab and nowhere else", async () => {
    const kept = await page.evaluate(() => ({ session: { ...sessionStorage }, local: { ...localStorage }, cookie: document.cookie, address: location.href }));
    assert.deepEqual(kept, { session: { "tagswell.token": "reader-secret" }, local: {}, cookie: "", address: `${server.url}/` });
    assert.equal(await page.locator("#token").inputValue(), "");
  });

  await step("with a token the board is live too, and goes on after an outage", async () => {
    bench.forgiven = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|503/;
    await server.stop();
    await state(page, "waiting");
    await server.start();
    await state(page, "live");
    bench.forgiven = null;
    await server.post(lateBursts());
    for (const tag of kLateTags) {
      await rowOf(page, `#${tag}`).waitFor();
      await page.locator("#feed li[data-type='started']", { hasText: `#${tag.slice(0, 30)}` }).waitFor();
    }
    const feed = await page.locator("#feed li").allTextContents();
    assert.equal(new Set(feed).size, feed.length, "an event is shown twice");
  });

  await step("who may only read sees figures, and that blocks take another role", async () => {
    bench.forgiven = /status of 403/;
    await page.getByRole("link", { name: "Operators" }).click();
    await page.getByText("It takes a token with the role admin").waitFor();
    assert.equal(await page.locator("#block-form").isVisible(), false);
    bench.forgiven = null;
  });

  await step("operators see what comes in, waits and fails", async () => {
    await panel(page, "Posts taken in").locator(".value", { hasText: "/s" }).waitFor();
    assert.equal(await panel(page, "Not yet counted").locator(".value").textContent(), "0");
    const bad = await fetch(`${server.url}/v1/posts`, {
      method: "POST", headers: { ...server.headers, "content-type": "application/x-ndjson" }, body: `{"id":"x"}\n{"id":\n`,
    });
    assert.equal((await bad.json()).rejected, 2);
    await page.getByRole("row", { name: /malformed_json/ }).waitFor();
    await page.locator(".panel[data-bad=true]", { hasText: "Refused posts" }).waitFor();
    await page.getByRole("row", { name: /^\/v1\/posts / }).waitFor();
    assert.match(await panel(page, "Memory of the process").locator(".value").textContent(), /MB|GB/);
  });

  await step("the figures are those of the metrics", async () => {
    const text = await (await fetch(`${server.url}/metrics`, { headers: server.headers })).text();
    const read = await page.evaluate(async (of) => {
      const { Metrics, quantileBound } = await import("/metrics_text.js");
      const histogram = (counts) => new Metrics(["0.1", "1", "+Inf"].map((le, i) => `h_bucket{le="${le}"} ${counts[i]}`).join("\n"));
      const escaped = new Metrics('m{a="x\\"y\\\\n",b="{}"} 1.5e3 1700000000');
      return {
        accepted: new Metrics(of).sum("tagswell_posts_accepted_total"),
        none: new Metrics(of).samples("no_such_family").length,
        escaped: escaped.samples("m")[0],
        quantile: quantileBound("h", 0.99, histogram([10, 10, 10]), histogram([107, 110, 110])),
        idle: quantileBound("h", 0.99, histogram([1, 1, 1]), histogram([1, 1, 1])),
      };
    }, text);
    assert.deepEqual(read, { accepted: lateBursts().length, none: 0,
      escaped: { labels: { a: 'x"y\\n', b: "{}" }, value: 1500 }, quantile: 1, idle: null });
  });

  await step("an admin blocks a topic, which leaves the board, and lets it go again", async () => {
    const admin = await bench.open("#/operators", withToken("boss-secret"));
    await admin.getByText("No topic is blocked.").waitFor();
    const block = async (tag) => {
      await admin.getByRole("textbox", { name: "Tag", exact: true }).fill(tag);
      await admin.getByRole("button", { name: "Block it" }).click();
    };
    await admin.getByRole("row", { name: "#metoo #MeToo “me too” the configuration" }).waitFor();
    bench.forgiven = /status of 422/;
    await block("#");
    await admin.locator("#blocks-note", { hasText: /tag/i }).waitFor();
    bench.forgiven = null;
    await block(kHostile);
    await admin.locator("#blocks tr", { hasText: kHostile }).getByRole("button").click();
    await admin.getByText("No topic is blocked.").waitFor();
    assert.equal(await admin.locator("#blocks img").count(), 0);
    await block("#METOO");
    const row = admin.locator("#blocks tr", { hasText: "#MeToo" });
    await row.getByText("boss").waitFor();
    await admin.getByRole("link", { name: "Board" }).click();
    await admin.locator("#board[aria-busy=false]").waitFor();
    await rowOf(admin, "#MeToo").waitFor({ state: "detached" });
    await admin.getByRole("link", { name: "Operators" }).click();
    await row.getByRole("button", { name: "Unblock MeToo" }).click();
    await admin.getByText("No topic is blocked.").waitFor();
    await server.get("/v1/blocks").then(({ blocks }) => assert.deepEqual(blocks, []));
    await admin.close();
  });

  await step("an admin puts tags and phrases under one name, and splits them again", async () => {
    const admin = await bench.open("#/operators", withToken("boss-secret"));
    const group = async (topic, tags, phrases) => {
      await admin.getByRole("textbox", { name: "Topic", exact: true }).fill(topic);
      await admin.getByRole("textbox", { name: "Tags", exact: true }).fill(tags);
      await admin.getByRole("textbox", { name: "Phrases", exact: true }).fill(phrases);
      await admin.getByRole("button", { name: "Group them" }).click();
    };
    bench.forgiven = /status of 409/;
    await group("other", "metoo", "");
    await admin.locator("#aliases-note", { hasText: "configuration" }).waitFor();
    bench.forgiven = null;
    await group("bad", "x, <img src=x onerror=alert(1)>", "so bad");
    await admin.getByRole("row", { name: /^#bad .*#x, #<img.*“so bad” Split bad$/ }).waitFor();
    assert.equal(await admin.locator("#aliases img").count(), 0);
    await admin.getByRole("button", { name: "Split bad" }).click();
    await admin.getByRole("button", { name: "Split bad" }).waitFor({ state: "detached" });
    await server.get("/v1/aliases").then(({ aliases }) => assert.deepEqual(aliases.map(({ topic }) => topic), ["metoo"]));
    await admin.close();
  });

  await step("an admin says yes and no to what waits, and takes it back", async () => {
    await restart(`review = true\n${kConfig}`);
    await server.post(lateBursts(kReviewTags, 20));
    const admin = await bench.open("#/operators", withToken("boss-secret"));
    const [good, bad] = kReviewTags;
    const waiting = (tag) => admin.locator("#waiting tr", { hasText: `#${tag}` });
    const decided = (tag) => admin.locator("#decided tr", { hasText: `#${tag}` });
    await waiting(good).waitFor();
    await admin.getByRole("button", { name: `Approve ${good}` }).click();
    await decided(good).getByText("approved").waitFor();
    await waiting(good).waitFor({ state: "detached" });
    await admin.getByRole("button", { name: `Reject ${bad}` }).click();
    await decided(bad).getByText("rejected").waitFor();
    await admin.getByRole("link", { name: "Board" }).click();
    await rowOf(admin, `#${good}`).waitFor();
    assert.equal(await rowOf(admin, `#${bad}`).count(), 0);
    await admin.getByRole("link", { name: "Operators" }).click();
    for (const tag of kReviewTags) {
      await admin.getByRole("button", { name: `Take back ${tag}` }).click();
      await decided(tag).waitFor({ state: "detached" });
    }
    const { reviews } = await server.get("/v1/reviews?state=approved");
    assert.deepEqual(reviews, []);
    await admin.close();
    await restart(kConfig);
  });

  await step("a token can be forgotten", async () => {
    bench.forgiven = /status of 401/;
    await page.getByRole("button", { name: "Forget the token" }).click();
    await page.getByRole("dialog").waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Enter a token" }).waitFor();
    await page.close();
  });

  await bench.look("token", "", (of) => of.getByRole("dialog").waitFor());
  bench.forgiven = null;
  await fetch(`${server.url}/v1/blocks/giveaway`, { method: "PUT", headers: server.headers });
  await bench.look("operators", "#/operators", async (of) => {
    await panel(of, "Processor").locator(".value", { hasText: "%" }).waitFor();
    await of.getByRole("row", { name: /#giveaway/ }).waitFor();
  }, withToken("boss-secret"));
  await bench.look("with-token", "", boardIsDrawn, withToken("reader-secret"));
});
