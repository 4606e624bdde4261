// Which of the server's streams the page is about: all it asks for and all its links are of it.

export const kDefaultStream = "default";

let chosen = kDefaultStream;

export const chosenStream = () => chosen;

export function chooseStream(name) {
  chosen = name;
}

// Where a path of the API is for the chosen stream.
export function streamPath(path) {
  if (chosen === kDefaultStream || !path.startsWith("/v1/") || path === "/v1/streams") return path;
  return `/v1/streams/${encodeURIComponent(chosen)}${path.slice("/v1".length)}`;
}
