#include "server/net/router.h"

#include <algorithm>
#include <span>

#include "server/net/target.h"

namespace tagswell {
namespace {

std::vector<std::string> SplitPath(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);
  while (true) {
    const std::size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool IsName(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

// Fills `params` when the decoded segments fit the pattern.
bool Fits(const std::vector<std::string>& pattern, const std::vector<std::string>& segments,
          std::vector<NameValue>& params) {
  if (pattern.size() != segments.size()) return false;
  params.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!IsName(pattern[i])) {
      if (pattern[i] != segments[i]) return false;
      continue;
    }
    if (segments[i].empty()) return false;
    params.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), segments[i]);
  }
  return true;
}

}  // namespace

Router::Router(std::vector<Route> routes, const std::function<bool(const Route&)>& serves)
    : routes_(std::move(routes)) {
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const Route& route = routes_[i];
    if (serves && !serves(route)) continue;
    auto entry = std::ranges::find(entries_, route.pattern, &Entry::pattern);
    if (entry == entries_.end()) {
      entries_.push_back({route.pattern, SplitPath(route.pattern), {}, {}});
      entry = std::prev(entries_.end());
    }
    entry->routes[static_cast<std::size_t>(route.method)] = i;
    if (route.method == Method::kGet) entry->routes[static_cast<std::size_t>(Method::kHead)] = i;
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    for (std::size_t m = 0; m < kMethods; ++m) {
      if (entry.routes[m]) entry.allow.append(Name(static_cast<Method>(m))).append(", ");
    }
    entry.allow += Name(Method::kOptions);
    if (std::ranges::none_of(entry.segments, IsName)) exact_.emplace(entry.pattern, i);
  }
}

const Router::Entry* Router::FindEntry(std::string_view path, std::vector<NameValue>& params, bool& malformed) const {
  malformed = false;
  if (const auto found = exact_.find(path); found != exact_.end()) return &entries_[found->second];
  std::vector<std::string> segments = SplitPath(path);
  for (std::string& segment : segments) {
    auto decoded = PercentDecode(segment, false);
    malformed = malformed || !decoded;
    if (decoded) segment = std::move(*decoded);
  }
  if (malformed) return nullptr;
  for (const Entry& entry : entries_) {
    if (Fits(entry.segments, segments, params)) return &entry;
  }
  return nullptr;
}

std::expected<Router::Match, Router::Miss> Router::Find(std::string_view method, std::string_view path) const {
  Match match;
  bool malformed = false;
  const Entry* entry = FindEntry(path, match.path_params, malformed);
  if (malformed) {
    return std::unexpected(Miss{{400, {"malformed_path", "The path must be percent-encoded UTF-8 without NUL."}}, {}});
  }
  if (!entry) return std::unexpected(Miss{{404, {"not_found", "There is nothing at this path."}}, {}});
  match.allow = entry->allow;
  const auto known = MethodFromName(method);
  if (!known) {
    return std::unexpected(Miss{{501, {"unsupported_method", "This method is not known here."}}, entry->allow});
  }
  if (const auto index = entry->routes[static_cast<std::size_t>(*known)]) {
    match.index = *index;
    match.route = &routes_[*index];
    match.head_only = *known == Method::kHead;
    return match;
  }
  if (*known == Method::kOptions) return match;
  return std::unexpected(Miss{{405, {"method_not_allowed", "The path allows " + entry->allow + "."}}, entry->allow});
}

std::expected<std::vector<NameValue>, HttpFault> Router::CheckQuery(const Route& route, std::string_view query) {
  if (query.empty()) return std::vector<NameValue>();
  auto pairs = ParseQuery(query);
  if (!pairs) return std::unexpected(HttpFault{400, pairs.error()});
  for (std::size_t i = 0; i < pairs->size(); ++i) {
    const std::string& name = (*pairs)[i].first;
    const auto rule = std::ranges::find(route.query, name, &QueryParamRule::name);
    if (rule == route.query.end()) {
      return std::unexpected(
          HttpFault{400, {"unknown_parameter", "The parameter '" + name + "' is not known here.", name}});
    }
    const auto before = std::span(*pairs).first(i);
    if (!rule->repeatable && std::ranges::any_of(before, [&](const NameValue& p) { return p.first == name; })) {
      return std::unexpected(
          HttpFault{400, {"repeated_parameter", "The parameter '" + name + "' may stand once.", name}});
    }
  }
  return std::move(*pairs);
}

}  // namespace tagswell
