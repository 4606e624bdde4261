// Shows the page that the address names, and what all pages share.

import { addressOf, parseAddress } from "./address.js";
import { getJson } from "./api.js";
import { BoardPage } from "./board_page.js";
import { chooseStream, chosenStream } from "./chosen_stream.js";
import { element, part } from "./dom.js";
import { Frame } from "./frame.js";
import { OperatorsPage } from "./operators_page.js";
import { Search } from "./search.js";
import { TokenDialog } from "./token_dialog.js";
import { TopicPage } from "./topic_page.js";

const frame = new Frame({ go, askToken: (why) => dialog.open(why) });
const dialog = new TokenDialog(() => {
  show();
  showStreams();
});
const pages = { board: new BoardPage(frame), topic: new TopicPage(frame), operators: new OperatorsPage(frame) };
let place = null;

function go(next, { quiet = false } = {}) {
  const address = addressOf(next);
  if (address === location.hash) return show();
  if (!quiet) {
    location.hash = address;
    return;
  }
  history.replaceState(null, "", address);
  show();
}

function show() {
  const before = place;
  place = parseAddress(location.hash);
  if (place.stream !== chosenStream()) return location.reload();  // nothing of the one is left in the other
  if (before && before.page !== place.page) pages[before.page].close();
  for (const name of Object.keys(pages)) {
    part(`${name}-page`).hidden = name !== place.page;
    part(`to-${name}`)?.toggleAttribute("aria-current", false);
  }
  part(`to-${place.page}`)?.setAttribute("aria-current", "page");
  part("scope-field").hidden = place.page === "operators";
  frame.showScope(place.scope);
  const elsewhere = before && (before.page !== place.page || before.topic !== place.topic);
  if (elsewhere) scrollTo(0, 0);
  pages[place.page].open(place);
  if (elsewhere) heading().focus({ preventScroll: true });
}

// The reader may choose where there is a choice. Who may not ask for the list has the stream of the address.
async function showStreams() {
  const { streams } = await getJson("/v1/streams").catch(() => ({ streams: [] }));
  part("stream-field").hidden = streams.length < 2;
  part("stream").replaceChildren(...streams.map(({ name }) => element("option", { value: name }, name)));
  part("stream").value = chosenStream();
}

// Where readers who cannot see the page are put when it changes.
const heading = () => part(`${place.page}-title`);

new Search(part("search"), part("search-text"), part("search-list"), {
  scope: () => place.scope,
  choose: (topic) => go({ page: "topic", topic, scope: place.scope }),
});
part("scope").addEventListener("change", (event) => go({ ...place, scope: event.target.value }));
part("skip").addEventListener("click", (event) => {
  event.preventDefault();
  heading().focus();
});
part("stream").addEventListener("change", (event) => {
  location.hash = addressOf({ stream: event.target.value });
});
addEventListener("hashchange", show);
chooseStream(parseAddress(location.hash).stream);
for (const name of ["brand", "skip", "to-board"]) part(name).setAttribute("href", addressOf({}));
part("to-operators").setAttribute("href", addressOf({ page: "operators" }));
show();
showStreams();
