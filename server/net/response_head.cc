#include "server/net/response_head.h"

#include <fmt/format.h>

#include <charconv>

#include "server/net/problem.h"

namespace tagswell {
namespace {

void AppendNumber(std::size_t number, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

bool IsSafe(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

std::size_t BodySize(const Response& response) {
  return response.shared_body ? response.shared_body->size() : response.body.size();
}

void AppendResponseHead(const Response& response, const ResponseHeadOptions& options, std::string& out) {
  out += "HTTP/1.1 ";
  AppendNumber(static_cast<std::size_t>(response.status), out);
  out += ' ';
  out += StatusTitle(response.status);
  out += "\r\nDate: ";
  out += options.date;
  out += "\r\nX-Content-Type-Options: nosniff\r\n";
  if (!response.content_type.empty() && IsSafe(response.content_type)) {
    out += "Content-Type: ";
    out += response.content_type;
    out += "\r\n";
  }
  if (options.framing == BodyFraming::kChunked) out += "Transfer-Encoding: chunked\r\n";
  if (options.framing == BodyFraming::kLength && response.status != 204) {
    out += "Content-Length: ";
    AppendNumber(BodySize(response), out);
    out += "\r\n";
  }
  if (options.close) {
    out += "Connection: close\r\n";
  } else if (options.keep_alive_http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  for (const auto& [name, value] : response.headers) {
    if (name.empty() || !IsSafe(name) || !IsSafe(value)) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
  out += "\r\n";
}

std::string FormatHttpDate(Timestamp at) {
  constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

}  // namespace tagswell
