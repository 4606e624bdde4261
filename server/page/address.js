// Where the reader is, as the address tells it, so that every view can be linked to:
//   #/                  the live board            ?scope=country:FR
//   #/at/TIME           the board of that minute  ?scope=
//   #/topic/TAG         a topic's story           ?scope= &range=day
//   #/operators         figures for operators
// and with ?stream=NAME the same of another stream than the default one.

import { chosenStream, kDefaultStream } from "./chosen_stream.js";

export const kWorld = "world";
export const kRanges = ["6h", "day", "week", "month", "all"];
const kDefaultRange = "day";

// {page: "board" | "topic" | "operators", stream, scope, at, topic, range}; what makes no sense is the live board.
export function parseAddress(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const parameters = new URLSearchParams(query);
  const range = parameters.get("range");
  const place = {
    page: "board",
    stream: parameters.get("stream") || kDefaultStream,
    scope: parameters.get("scope") || kWorld,
    at: null,
    topic: null,
    range: kRanges.includes(range) ? range : kDefaultRange,
  };
  const [kind, ...rest] = path.split("/");
  const name = decoded(rest.join("/"));
  if (kind === "operators") return { ...place, page: "operators" };
  if (kind === "topic" && name) return { ...place, page: "topic", topic: name };
  if (kind === "at") return { ...place, at: minuteOf(name) };
  return place;
}

// Parts that are left out are those of the live board of the chosen stream.
export function addressOf({ page = "board", stream = chosenStream(), scope = kWorld, at = null, topic = null, range = kDefaultRange }) {
  const parameters = [];
  if (stream !== kDefaultStream) parameters.push(`stream=${readable(stream)}`);
  if (scope !== kWorld && page !== "operators") parameters.push(`scope=${readable(scope)}`);
  if (page === "topic" && range !== kDefaultRange) parameters.push(`range=${range}`);
  const path = page === "topic" ? `topic/${encodeURIComponent(topic)}` : page === "operators" ? page : at ? `at/${at}` : "";
  return `#/${path}${parameters.length > 0 ? `?${parameters.join("&")}` : ""}`;
}

// The whole minute of a time, as the address has it; null where it is no time.
export function minuteOf(time) {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return null;
  at.setUTCSeconds(0, 0);
  return at.toISOString().replace(".000Z", "Z");
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const readable = (text) => encodeURIComponent(text).replaceAll("%3A", ":");
