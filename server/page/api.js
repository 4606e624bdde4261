// Reads JSON from the server this page came from.

const kTimeoutMs = 15_000;

// An answer that is no success, or none at all (status 0). `body` is the problem+json of the server where there is one.
export class ApiError extends Error {
  constructor(status, message, body = {}) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

export function queryString(parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined) query.append(name, value);
  }
  return query.toString();
}

export async function getJson(path, parameters = {}) {
  const query = queryString(parameters);
  let response;
  try {
    response = await fetch(query ? `${path}?${query}` : path, {
      headers: { accept: "application/json" },
      cache: "no-store",
      signal: AbortSignal.timeout(kTimeoutMs),
    });
  } catch {
    throw new ApiError(0, "The server does not answer.");
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  if (response.status === 401) {
    throw new ApiError(401, "This server asks for a token, which this page cannot send. Ask its operator.", body);
  }
  throw new ApiError(response.status, body.detail ?? `The server answers with ${response.status}.`, body);
}
