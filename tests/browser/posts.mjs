// The posts that the browser tests play.
import { spawnSync } from "node:child_process";

import { environment } from "./server.mjs";

const kScale = 50;
const kNight = "2017-10-16T00:00:00Z";

// From right to left, and too long for any line.
export const kLateTags = ["سلام_عليكم_ورحمة_الله", `A${"VeryLong".repeat(14)}Tag`];
export const kHostile = `<img src=x onerror="document.title='taken over'"><script>document.title='taken over'</script>`;

// The reconstruction of #MeToo's first days, in the order of time: {quiet, burst}, the hours before it and the evening.
export function metoo(binary) {
  const made = spawnSync(binary, ["synth", "--scenario", "metoo", "--scale", String(kScale)],
    { encoding: "utf8", maxBuffer: 1 << 30, env: environment() });
  if (made.status !== 0) throw new Error(`synth: ${made.stderr}`);
  const stream = made.stdout.trimEnd().split("\n");
  const timeOf = (line) => /"created_at":"([^"]+)"/.exec(line)[1];
  const before = (time) => stream.findIndex((line) => timeOf(line) >= time);
  const evening = before("2017-10-15T20:21:00Z");
  return { quiet: stream.slice(0, evening), burst: stream.slice(evening, before(kNight)) };
}

// Each tag by 60 people, in a quarter of an hour, `after` so many minutes after the evening.
export function lateBursts(tags = kLateTags, after = 0) {
  const line = (tag, kind, i) => JSON.stringify({
    id: `late-${after}-${kind}-${i}`, source: "twitter", author: `late-${after}-${kind}-${i}`, text: `Hello #${tag}`,
    created_at: new Date(Date.parse(kNight) + after * 60_000 + i * 15_000 + kind).toISOString(),
    author_created_at: "2012-01-01T00:00:00Z",
  });
  return [...Array(60).keys()].flatMap((i) => tags.map((tag, kind) => line(tag, kind, i)));
}

// One post after all of these.
export function postAfter(minutes, { id, text, author = "ada", tags }) {
  const created_at = new Date(Date.parse(kNight) + minutes * 60_000).toISOString();
  return JSON.stringify({ id, source: "twitter", author, text, tags, created_at });
}
