#include "server/plain_words.h"

#include <fmt/format.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "proto/utf8.h"

namespace tagswell {

std::string Grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string Roughly(double number) {
  if (!(number > 0)) return "0";
  const double tenths = std::round(number * 10);
  if (number < 10 && std::fmod(tenths, 10) != 0) return fmt::format("{:.1f}", tenths / 10);
  if (tenths == 0) return "0";
  return Grouped(static_cast<std::uint64_t>(std::llround(std::min(number, 1e18))));
}

std::string SpanText(Duration span) {
  using std::chrono::days;
  using std::chrono::floor;
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  const auto two = [](auto large, const char* large_unit, auto small, const char* small_unit) {
    return small == 0 ? fmt::format("{} {}", large, large_unit)
                      : fmt::format("{} {} {} {}", large, large_unit, small, small_unit);
  };
  if (span < minutes{1}) return fmt::format("{} s", floor<seconds>(span).count());
  if (span < hours{1}) return fmt::format("{} min", floor<minutes>(span).count());
  if (span < days{1}) return two(floor<hours>(span).count(), "h", floor<minutes>(span % hours{1}).count(), "min");
  return two(floor<days>(span).count(), "d", floor<hours>(span % days{1}).count(), "h");
}

std::string LastText(std::string_view window) {
  int count = 0;
  const auto [unit, ec] = std::from_chars(window.data(), window.data() + window.size(), count);
  if (ec != std::errc() || unit + 1 != window.data() + window.size()) return "in " + Printable(window);
  const char* const name = *unit == 'm' ? "minute" : *unit == 'h' ? "hour" : "day";
  return count == 1 ? fmt::format("in the last {}", name) : fmt::format("in the last {} {}s", count, name);
}

std::string Printable(std::string_view text) {
  std::string clean;
  const bool valid = IsValidUtf8(text);
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = valid ? CodePointAt(text, at) : CodePoint{static_cast<unsigned char>(text[at]), 1};
    const bool kept = valid || IsAscii(text[at]);
    if (kept && u_charType(static_cast<UChar32>(c.value)) != U_CONTROL_CHAR) clean += text.substr(at, c.bytes);
    at += c.bytes;
  }
  return clean;
}

int Columns(std::string_view text) {
  int columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = CodePointAt(text, at);
    at += c.bytes;
    const auto value = static_cast<UChar32>(c.value);
    const auto type = u_charType(value);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR) continue;
    const int width = u_getIntPropertyValue(value, UCHAR_EAST_ASIAN_WIDTH);
    columns += width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
  }
  return columns;
}

}  // namespace tagswell
