#include "proto/formats/twitter_time.h"

#include <array>
#include <string>

namespace tagswell {

std::optional<Timestamp> ParseTwitterTime(std::string_view text) {
  constexpr std::string_view kShape = "Www Mmm 00 00:00:00 +0000 0000";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool is_fixed = kShape[i] == ' ' || kShape[i] == ':';
    if (is_fixed && text[i] != kShape[i]) return std::nullopt;
  }
  const std::size_t month = kMonths.find(text.substr(4, 3));
  if (month == kMonths.npos || month % 3 != 0) return std::nullopt;
  const std::size_t number = month / 3 + 1;
  // The rules of digits, days and offsets are RFC 3339's.
  std::string time(text.substr(26, 4));
  time += number < 10 ? "-0" : "-";
  time += std::to_string(number) + "-";
  time.append(text.substr(8, 2)).append("T").append(text.substr(11, 8)).append(text.substr(20, 3)).append(":");
  time.append(text.substr(23, 2));
  const auto parsed = ParseTimestamp(time);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

}  // namespace tagswell
