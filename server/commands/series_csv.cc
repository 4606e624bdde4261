#include "server/commands/series_csv.h"

#include <charconv>
#include <cmath>
#include <string>

namespace tagswell {
namespace {

std::string_view Unquoted(std::string_view field) {
  while (field.starts_with(' ')) field.remove_prefix(1);
  while (field.ends_with(' ')) field.remove_suffix(1);
  return field.size() >= 2 && field.front() == '"' && field.back() == '"' ? field.substr(1, field.size() - 2) : field;
}

std::expected<Timestamp, Error> ParseSeriesTime(std::string_view text) {
  if (text.size() < 19 || text[10] != ' ') return ParseTimestamp(text);
  std::string rfc(text);
  rfc[10] = 'T';
  if (rfc.find_first_of("Z+-", 11) == std::string::npos) rfc += 'Z';
  return ParseTimestamp(rfc);
}

}  // namespace

std::expected<SeriesLine, Error> ParseSeriesLine(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos || line.find(',', comma + 1) != std::string_view::npos) {
    return std::unexpected(Error{"bad_line", "a line has to be timestamp,value"});
  }
  SeriesLine parsed;
  parsed.at_text = Unquoted(line.substr(0, comma));
  parsed.value_text = Unquoted(line.substr(comma + 1));
  const auto at = ParseSeriesTime(parsed.at_text);
  if (!at) return std::unexpected(at.error());
  parsed.at = *at;
  const char* const end = parsed.value_text.data() + parsed.value_text.size();
  const auto [rest, ec] = std::from_chars(parsed.value_text.data(), end, parsed.value);
  if (ec != std::errc() || rest != end || !std::isfinite(parsed.value)) {
    return std::unexpected(Error{"bad_value", "the value is no number"});
  }
  return parsed;
}

}  // namespace tagswell
