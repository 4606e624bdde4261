#include "proto/time.h"

namespace tagswell {
namespace {

std::unexpected<Error> BadTime(std::string_view text) {
  constexpr std::size_t kQuotedMax = 40;
  return std::unexpected(
      Error{.code = "bad_time", .detail = "not an RFC 3339 time: \"" + std::string(text.substr(0, kQuotedMax)) + "\""});
}

// The number that `count` digits spell, or a negative number if one of them is no digit.
int Digits(const char* at, int count) {
  int value = 0;
  int wrong = 0;
  for (int i = 0; i < count; ++i) {
    const int digit = at[i] - '0';
    wrong |= digit | (9 - digit);  // negative as soon as one of the two is
    value = value * 10 + digit;
  }
  return wrong < 0 ? -1 : value;
}

void AppendDigits(int value, int count, std::string& out) {
  char digits[4];
  for (int i = count - 1; i >= 0; --i) {
    digits[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(digits, static_cast<std::size_t>(count));
}

// Fraction digits from `at` on, cut to milliseconds. Moves `at` behind them; negative if there are none or too many.
int Milliseconds(const char*& at, const char* end) {
  constexpr int kDigitsMax = 9;
  int value = 0;
  int count = 0;
  for (; at != end && *at >= '0' && *at <= '9'; ++at, ++count) {
    if (count < 3) value = value * 10 + (*at - '0');
  }
  if (count == 0 || count > kDigitsMax) return -1;
  for (; count < 3; ++count) value *= 10;
  return value;
}

}  // namespace

std::expected<Timestamp, Error> ParseTimestamp(std::string_view text) {
  constexpr std::size_t kShortest = sizeof("2017-10-15T20:21:45Z") - 1;
  if (text.size() < kShortest) return BadTime(text);
  const char* p = text.data();
  const char* const end = p + text.size();
  const int year = Digits(p, 4);
  const int month = Digits(p + 5, 2);
  const int day = Digits(p + 8, 2);
  const int hour = Digits(p + 11, 2);
  const int minute = Digits(p + 14, 2);
  int second = Digits(p + 17, 2);
  if ((year | month | day | hour | minute | second) < 0 || p[4] != '-' || p[7] != '-' || (p[10] | 0x20) != 't' ||
      p[13] != ':' || p[16] != ':' || hour > 23 || minute > 59 || second > 60) {
    return BadTime(text);
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return BadTime(text);
  p += 19;

  int milliseconds = 0;
  if (*p == '.') {
    milliseconds = Milliseconds(++p, end);
    if (milliseconds < 0 || p == end) return BadTime(text);
  }
  int offset_minutes = 0;
  if ((*p | 0x20) == 'z') {
    if (p + 1 != end) return BadTime(text);
  } else {
    if ((*p != '+' && *p != '-') || end - p != 6 || p[3] != ':') return BadTime(text);
    const int offset_hour = Digits(p + 1, 2);
    const int offset_minute = Digits(p + 4, 2);
    if ((offset_hour | offset_minute) < 0 || offset_hour > 23 || offset_minute > 59) return BadTime(text);
    offset_minutes = offset_hour * 60 + offset_minute;
    if (*p == '-') offset_minutes = -offset_minutes;
  }

  const auto whole_minute = std::chrono::sys_time<std::chrono::minutes>{std::chrono::sys_days{date}} +
                            std::chrono::minutes{hour * 60 + minute - offset_minutes};
  if (second == 60) {
    // Leap seconds exist only in the last minute of a UTC day.
    constexpr auto kDay = std::chrono::days{1};
    if ((whole_minute.time_since_epoch() % kDay + kDay) % kDay != kDay - std::chrono::minutes{1}) return BadTime(text);
    second = 59;
  }
  const Timestamp at = whole_minute + std::chrono::seconds{second} + Duration{milliseconds};
  if (at < kTimestampMin || at > kTimestampMax) {
    return std::unexpected(Error{.code = "time_out_of_range",
                                 .detail = "the time is outside 1970 to 2199: \"" + std::string(text) + "\""});
  }
  return at;
}

void AppendTimestamp(Timestamp at, std::string& out) {
  const auto midnight = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{midnight};
  const auto millis = static_cast<int>((at - midnight).count());
  AppendDigits(static_cast<int>(date.year()), 4, out);
  out += '-';
  AppendDigits(static_cast<int>(static_cast<unsigned>(date.month())), 2, out);
  out += '-';
  AppendDigits(static_cast<int>(static_cast<unsigned>(date.day())), 2, out);
  out += 'T';
  AppendDigits(millis / 3'600'000, 2, out);
  out += ':';
  AppendDigits(millis / 60'000 % 60, 2, out);
  out += ':';
  AppendDigits(millis / 1'000 % 60, 2, out);
  if (millis % 1'000 != 0) {
    out += '.';
    AppendDigits(millis % 1'000, 3, out);
  }
  out += 'Z';
}

std::string FormatTimestamp(Timestamp at) {
  std::string out;
  AppendTimestamp(at, out);
  return out;
}

}  // namespace tagswell
