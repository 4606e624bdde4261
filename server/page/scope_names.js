// Scopes ("world", "country:FR", "lang:fr", "source:twitter") as people call them.

const kGroups = { country: "Countries", lang: "Languages", source: "Networks" };
const kDisplay = { country: "region", lang: "language" };

// Codes come from the stream: Intl throws on those that are no codes at all.
function called(type, code) {
  try {
    return new Intl.DisplayNames(undefined, { type, fallback: "code" }).of(code);
  } catch {
    return code;
  }
}

export function scopeName(scope) {
  const [kind, code] = parts(scope);
  if (!code) return "World";
  return kDisplay[kind] ? called(kDisplay[kind], code) : code;
}

// "Countries": what a scope is one of.
export const scopeKind = (scope) => kGroups[parts(scope)[0]] ?? "World";

function parts(scope) {
  const colon = scope.indexOf(":");
  return colon < 0 ? [scope, ""] : [scope.slice(0, colon), scope.slice(colon + 1)];
}

// [{label, scopes: [{scope, name}]}]: the world alone first, then each group by name.
export function groupScopes(scopes) {
  const groups = Object.entries(kGroups).map(([kind, label]) => ({
    label,
    scopes: scopes
      .filter((scope) => parts(scope)[0] === kind && parts(scope)[1])
      .map((scope) => ({ scope, name: scopeName(scope) }))
      .sort((a, b) => a.name.localeCompare(b.name)),
  }));
  return groups.filter((group) => group.scopes.length > 0);
}
