// Asks the server this page came from, with the reader's token where there is one.

import { streamPath } from "./chosen_stream.js";
import { authorization } from "./token.js";

const kTimeoutMs = 15_000;

// An answer that is no success, or none at all (status 0). `body` is the problem+json of the server where there is one.
export class ApiError extends Error {
  constructor(status, message, body = {}) {
    super(message);
    this.status = status;
    this.body = body;
  }

  // The server would answer somebody else.
  get isRefusal() {
    return this.status === 401 || this.status === 403;
  }
}

// Values that are lists are repeated; null and undefined are left out.
export function queryString(parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of [value].flat()) {
      if (one !== null && one !== undefined) query.append(name, one);
    }
  }
  return query.toString();
}

// The answer, its head read; throws an ApiError for any that is no success.
export async function ask(path, { method = "GET", parameters = {}, body, accept = "application/json", signal = AbortSignal.timeout(kTimeoutMs) } = {}) {
  const query = queryString(parameters);
  const address = streamPath(path);
  let response;
  try {
    response = await fetch(query ? `${address}?${query}` : address, {
      method,
      headers: { accept, ...(body && { "content-type": "application/json" }), ...authorization() },
      body: body && JSON.stringify(body),
      cache: "no-store",
      signal,
    });
  } catch {
    throw new ApiError(0, "The server does not answer.");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new ApiError(response.status, messageOf(response.status, problem), problem);
}

export async function getJson(path, parameters = {}) {
  const response = await ask(path, { parameters });
  return response.json().catch(() => {
    throw new ApiError(0, "The server's answer was cut off.");
  });
}

export const aliasPath = (topic) => `/v1/aliases/${encodeURIComponent(topic)}`;
export const blockPath = (tag) => `/v1/blocks/${encodeURIComponent(tag)}`;
export const reviewPath = (topic) => `/v1/reviews/${encodeURIComponent(topic)}`;
export const topicPath = (topic, rest = "") => `/v1/topics/${encodeURIComponent(topic)}${rest}`;

function messageOf(status, body) {
  if (status === 401) {
    return body.code === "token_missing" ? "This server asks for a token." : "The server does not know this token.";
  }
  if (status === 403) {
    return body.code === "stream_not_allowed" ? body.detail : "The token does not carry the role that this needs.";
  }
  return body.detail ?? `The server answers with ${status}.`;
}
