// Structured logs to standard error: one line an event, as key=value text or as JSON.
// Thread-safe. Never give it a token, a body or a salt: it prints what it is given.
//
//   Log(LogLevel::kInfo, "listening", {{"address", "127.0.0.1"}, {"port", port}});
#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tagswell {

enum class LogLevel : unsigned char { kDebug = 0, kInfo, kWarn, kError, kOff };
enum class LogFormat : unsigned char { kText = 0, kJson };

std::string_view Name(LogLevel level);    // "debug", "info", "warn", "error", "off"
std::string_view Name(LogFormat format);  // "text", "json"
std::optional<LogLevel> LogLevelFromName(std::string_view name);
std::optional<LogFormat> LogFormatFromName(std::string_view name);

// One key and its value. Views must live until Log returns.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, std::floating_point auto v) : key(k), value(static_cast<double>(v)) {}
  LogField(std::string_view k, std::signed_integral auto v) : key(k), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view k, std::unsigned_integral auto v) : key(k), value(static_cast<std::uint64_t>(v)) {}
};

// Sets level and form for the whole process. Call once, early in main; before it, text at level info.
void ConfigureLogging(LogLevel level, LogFormat format);

bool LogEnabled(LogLevel level);
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

// One line without its end, as Log would print it. `time` is RFC 3339.
std::string FormatLogLine(LogFormat format, std::string_view time, LogLevel level, std::string_view message,
                          std::initializer_list<LogField> fields);

}  // namespace tagswell
