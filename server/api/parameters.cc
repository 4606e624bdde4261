#include "server/api/parameters.h"

#include <algorithm>
#include <charconv>

namespace tagswell {
namespace {

Error Bad(std::string_view name, std::string detail) {
  return {"bad_parameter", std::move(detail), std::string(name)};
}

std::optional<std::uint64_t> Number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool All(std::string_view text, bool (*test)(char)) {
  return std::all_of(text.begin(), text.end(), test);
}

}  // namespace

std::string_view MediaType(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  return type;
}

bool IsScope(std::string_view text) {
  if (text == "world") return true;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view kind = text.substr(0, colon);
  const std::string_view value = text.substr(colon + 1);
  if (kind == "country") return value.size() == 2 && All(value, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (kind == "lang")
    return value.size() >= 2 && value.size() <= 8 && All(value, [](char c) { return c >= 'a' && c <= 'z'; });
  return kind == "source" && !value.empty() && value.size() <= 64;
}

std::expected<std::string, Error> ScopeParam(const Request& request, std::string_view fallback) {
  const std::string_view scope = request.QueryParam("scope").value_or(fallback);
  if (!IsScope(scope)) return std::unexpected(Bad("scope", "scope must be world, country:XX, lang:xx or source:name."));
  return std::string(scope);
}

std::expected<Window, Error> WindowParam(const Request& request, Window fallback) {
  const auto text = request.QueryParam("window");
  if (!text) return fallback;
  const auto window = WindowFromName(*text);
  if (!window) return std::unexpected(Bad("window", "window must be 5m, 1h, 6h, 12h or 24h."));
  return *window;
}

std::expected<std::size_t, Error> CountParam(const Request& request, std::string_view name, std::size_t fallback,
                                             std::size_t max, std::size_t min) {
  const auto text = request.QueryParam(name);
  if (!text) return fallback;
  const auto number = Number(*text);
  if (!number || *number < min || *number > max)
    return std::unexpected(Bad(name, std::string(name) + " must be a number from " + std::to_string(min) + " to " +
                                         std::to_string(max) + "."));
  return static_cast<std::size_t>(*number);
}

std::expected<std::optional<std::uint64_t>, Error> SeqParam(const Request& request, std::string_view name) {
  const auto text = request.QueryParam(name);
  if (!text) return std::nullopt;
  const auto number = Number(*text);
  if (!number) return std::unexpected(Bad(name, std::string(name) + " must be a sequence number."));
  return *number;
}

std::expected<std::optional<Timestamp>, Error> TimeParam(const Request& request, std::string_view name) {
  const auto text = request.QueryParam(name);
  if (!text) return std::nullopt;
  if (const auto seconds = Number(*text); seconds && *seconds < 7'258'118'400)
    return Timestamp{std::chrono::seconds(*seconds)};
  const auto time = ParseTimestamp(*text);
  if (!time)
    return std::unexpected(Bad(name, std::string(name) + " must be an RFC 3339 time such as 2017-10-15T22:00:00Z."));
  return *time;
}

std::expected<std::string_view, Error> ChoiceParam(const Request& request, std::string_view name,
                                                   std::initializer_list<std::string_view> choices) {
  const auto text = request.QueryParam(name);
  if (!text) return *choices.begin();
  const auto found = std::find(choices.begin(), choices.end(), *text);
  if (found != choices.end()) return *found;
  std::string known;
  for (const std::string_view choice : choices) known.append(known.empty() ? "" : ", ").append(choice);
  return std::unexpected(Bad(name, std::string(name) + " must be one of " + known + "."));
}

std::expected<PostFormat, Error> FormatParam(const Request& request) {
  const auto text = request.QueryParam("format");
  if (!text) return PostFormat::kTagswell;
  if (const auto format = PostFormatFromName(*text)) return *format;
  return std::unexpected(Error{"unknown_format", "format must be one of " + PostFormatNames() + ".", "format"});
}

std::vector<std::string> RepeatedParam(const Request& request, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : request.query) {
    if (key == name) values.push_back(value);
  }
  return values;
}

}  // namespace tagswell
