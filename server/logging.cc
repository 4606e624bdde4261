#include "server/logging.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <cmath>
#include <memory>

#include "server/clock.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

constexpr std::array<std::string_view, 5> kLevels = {"debug", "info", "warn", "error", "off"};
constexpr std::array<std::string_view, 2> kFormats = {"text", "json"};

std::atomic<LogLevel> g_level = LogLevel::kInfo;
std::atomic<LogFormat> g_format = LogFormat::kText;

spdlog::logger& Output() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto created = std::make_shared<spdlog::logger>("tagswell", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    created->set_pattern("%v");
    created->set_level(spdlog::level::trace);
    created->flush_on(spdlog::level::trace);
    return created;
  }();
  return *logger;
}

bool IsPlainWord(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == '\\' || c == 0x7f) return false;
  }
  return true;
}

void AppendText(std::string_view text, std::string& out) {
  if (IsPlainWord(text)) {
    out += text;
  } else {
    AppendJsonString(text, out);
  }
}

void AppendValue(LogFormat format, const LogField& field, std::string& out) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    format == LogFormat::kJson ? AppendJsonString(*text, out) : AppendText(*text, out);
  } else if (const auto* number = std::get_if<double>(&field.value); number && !std::isfinite(*number)) {
    out += "null";  // JSON knows no infinity
  } else {
    std::visit([&out](const auto& value) { out += fmt::format("{}", value); }, field.value);
  }
}

template <class T, std::size_t N>
std::optional<T> FromName(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<T>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view Name(LogLevel level) {
  return kLevels[static_cast<std::size_t>(level)];
}
std::string_view Name(LogFormat format) {
  return kFormats[static_cast<std::size_t>(format)];
}
std::optional<LogLevel> LogLevelFromName(std::string_view name) {
  return FromName<LogLevel>(kLevels, name);
}
std::optional<LogFormat> LogFormatFromName(std::string_view name) {
  return FromName<LogFormat>(kFormats, name);
}

void ConfigureLogging(LogLevel level, LogFormat format) {
  g_level = level;
  g_format = format;
}

bool LogEnabled(LogLevel level) {
  return level >= g_level.load(std::memory_order_relaxed) && level != LogLevel::kOff;
}

std::string FormatLogLine(LogFormat format, std::string_view time, LogLevel level, std::string_view message,
                          std::initializer_list<LogField> fields) {
  std::string line;
  if (format == LogFormat::kJson) {
    line += fmt::format(R"({{"time":"{}","level":"{}","message":)", time, Name(level));
    AppendJsonString(message, line);
  } else {
    line += fmt::format("time={} level={} message=", time, Name(level));
    AppendText(message, line);
  }
  for (const LogField& field : fields) {
    if (format == LogFormat::kJson) {
      line += ',';
      AppendJsonString(field.key, line);
      line += ':';
    } else {
      line += ' ';
      line += field.key;
      line += '=';
    }
    AppendValue(format, field, line);
  }
  if (format == LogFormat::kJson) line += '}';
  return line;
}

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!LogEnabled(level)) return;
  const std::string time = FormatTimestamp(WallClock().Now());
  const std::string line = FormatLogLine(g_format.load(std::memory_order_relaxed), time, level, message, fields);
  Output().log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace tagswell
