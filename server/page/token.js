// The token of a server that asks for one. It is kept in this tab's session storage and nowhere else.

const kKey = "tagswell.token";

// Browsers that block storage throw: then no token is kept, and servers without tokens still work.
export function keptToken() {
  try {
    return sessionStorage.getItem(kKey);
  } catch {
    return null;
  }
}

export const keepToken = (token) => sessionStorage.setItem(kKey, token);
export const forgetToken = () => sessionStorage.removeItem(kKey);

export function authorization() {
  const token = keptToken();
  return token ? { authorization: `Bearer ${token}` } : {};
}
