#include "server/commands/pacer.h"

#include <algorithm>

namespace tagswell {
namespace {

constexpr std::string_view kKey = "\"created_at\"";  // inside a string its quotes would be escaped
constexpr std::string_view kSpace = " \t";
// Posts this close together go out together.
constexpr std::chrono::milliseconds kGrain{50};

}  // namespace

Pacer::Due Pacer::Next(std::string_view lines, std::chrono::milliseconds elapsed) {
  std::size_t at = 0;
  while (at < lines.size()) {
    const std::size_t newline = lines.find('\n', at);
    const std::size_t end = newline == std::string_view::npos ? lines.size() : newline + 1;
    if (const auto created = CreatedAtOf(lines.substr(at, end - at))) {
      if (!first_) first_ = *created;
      const std::chrono::duration<double, std::milli> after(static_cast<double>((*created - *first_).count()) / speed_);
      if (after > elapsed + kGrain) return {at, std::chrono::ceil<std::chrono::milliseconds>(after - elapsed)};
    }
    at = end;
  }
  return {lines.size(), {}};
}

std::optional<Timestamp> CreatedAtOf(std::string_view line) {
  std::size_t at = line.find(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  at = line.find_first_not_of(kSpace, at + kKey.size());
  if (at == std::string_view::npos || line[at] != ':') return std::nullopt;
  at = line.find_first_not_of(kSpace, at + 1);
  if (at == std::string_view::npos || line[at] != '"') return std::nullopt;
  const std::size_t end = line.find('"', at + 1);
  if (end == std::string_view::npos) return std::nullopt;
  const auto time = ParseTimestamp(line.substr(at + 1, end - at - 1));
  return time ? std::optional(*time) : std::nullopt;
}

}  // namespace tagswell
