#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <type_traits>

#include "server/config/config_reader.h"

namespace tagswell {
namespace {

using Items = std::span<const std::string>;
using ReadResult = std::expected<void, std::string>;

template <class T>
std::expected<T, std::string> ParseNumber(std::string_view text) {
  T value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec == std::errc::result_out_of_range) return std::unexpected("is out of range");
  if (ec != std::errc() || end != text.data() + text.size()) {
    return std::unexpected(std::is_integral_v<T> ? "must be a whole number, not negative" : "must be a number");
  }
  return value;
}

template <class T>
ConfigKey NumberKey(const char* name, T Config::* member) {
  return {name, std::is_integral_v<T> ? ConfigType::kInteger : ConfigType::kNumber,
          [member](Config& config, Items items) -> ReadResult {
            auto value = ParseNumber<T>(items[0]);
            if (!value) return std::unexpected(value.error());
            config.*member = *value;
            return {};
          },
          [member](const Config& config) { return std::vector{fmt::format("{}", config.*member)}; }};
}

ConfigKey RateKey(const char* name, std::uint32_t RateLimitOptions::* member) {
  return {name, ConfigType::kInteger,
          [member](Config& config, Items items) -> ReadResult {
            auto value = ParseNumber<std::uint32_t>(items[0]);
            if (!value) return std::unexpected(value.error());
            config.rate_limits.*member = *value;
            return {};
          },
          [member](const Config& config) { return std::vector{fmt::format("{}", config.rate_limits.*member)}; }};
}

ConfigKey TextKey(const char* name, std::string Config::* member) {
  return {name, ConfigType::kText,
          [member](Config& config, Items items) -> ReadResult {
            config.*member = items[0];
            return {};
          },
          [member](const Config& config) { return std::vector{config.*member}; }};
}

ConfigKey BooleanKey(const char* name, bool Config::* member) {
  return {name, ConfigType::kBoolean,
          [member](Config& config, Items items) -> ReadResult {
            if (items[0] != "true" && items[0] != "false") return std::unexpected("must be true or false");
            config.*member = items[0] == "true";
            return {};
          },
          [member](const Config& config) { return std::vector<std::string>{config.*member ? "true" : "false"}; }};
}

template <class T>
ConfigKey ChoiceKey(const char* name, T Config::* member, std::vector<T> choices) {
  return {name, ConfigType::kText,
          [member, choices](Config& config, Items items) -> ReadResult {
            std::string known;
            for (const T choice : choices) {
              if (Name(choice) == items[0]) {
                config.*member = choice;
                return {};
              }
              known += (known.empty() ? "" : ", ") + std::string(Name(choice));
            }
            return std::unexpected("must be one of " + known);
          },
          [member](const Config& config) { return std::vector{std::string(Name(config.*member))}; }};
}

ConfigKey TextListKey(const char* name, std::vector<std::string> Config::* member) {
  return {name, ConfigType::kTextList,
          [member](Config& config, Items items) -> ReadResult {
            (config.*member).assign(items.begin(), items.end());
            return {};
          },
          [member](const Config& config) { return config.*member; }};
}

ConfigKey MilestonesKey() {
  return {"milestones", ConfigType::kIntegerList,
          [](Config& config, Items items) -> ReadResult {
            std::vector<std::uint64_t> values;
            for (const std::string& item : items) {
              auto value = ParseNumber<std::uint64_t>(item);
              if (!value) return std::unexpected("holds '" + item + "', which " + value.error());
              values.push_back(*value);
            }
            config.milestones = std::move(values);
            return {};
          },
          [](const Config& config) {
            std::vector<std::string> items;
            for (const std::uint64_t value : config.milestones) items.push_back(std::to_string(value));
            return items;
          }};
}

ConfigKey SaltKey() {
  return {"salt", ConfigType::kText,
          [](Config& config, Items items) -> ReadResult {
            config.salt = ParseSalt(items[0]);
            if (!config.salt) return std::unexpected("must be 16 hexadecimal digits");
            return {};
          },
          [](const Config& config) {
            return config.salt ? std::vector{PrintSalt(*config.salt)} : std::vector<std::string>{};
          }};
}

}  // namespace

std::optional<std::uint64_t> ParseSalt(std::string_view text) {
  std::uint64_t salt = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), salt, 16);
  if (text.size() != 16 || ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return salt;
}

std::string PrintSalt(std::uint64_t salt) {
  return fmt::format("{:016x}", salt);
}

const std::vector<ConfigKey>& ConfigKeyTable() {
  static const std::vector<ConfigKey> keys = {
      TextKey("listen", &Config::listen),
      TextKey("admin_listen", &Config::admin_listen),
      TextKey("data", &Config::data_dir),
      ChoiceKey("clock", &Config::clock, {ClockMode::kWall, ClockMode::kEvent}),
      ChoiceKey("fsync", &Config::fsync, {FsyncPolicy::kAlways, FsyncPolicy::kInterval, FsyncPolicy::kNever}),
      NumberKey("fsync_interval_ms", &Config::fsync_interval_ms),
      NumberKey("lateness_seconds", &Config::lateness_seconds),
      NumberKey("future_seconds", &Config::future_seconds),
      NumberKey("io_threads", &Config::io_threads),
      NumberKey("body_bytes_max", &Config::body_bytes_max),
      NumberKey("decoded_bytes_max", &Config::decoded_bytes_max),
      NumberKey("connections_max", &Config::connections_max),
      NumberKey("queue_posts_max", &Config::queue_posts_max),
      NumberKey("queue_bytes_max", &Config::queue_bytes_max),
      NumberKey("stream_posts_per_second", &Config::stream_posts_per_second),
      NumberKey("stream_disk_bytes_max", &Config::stream_disk_bytes_max),
      NumberKey("retention_posts_days", &Config::retention_posts_days),
      NumberKey("retention_history_days", &Config::retention_history_days),
      NumberKey("retention_events_days", &Config::retention_events_days),
      TextListKey("blocks", &Config::blocks),
      BooleanKey("public_read", &Config::public_read),
      BooleanKey("review", &Config::review),
      MilestonesKey(),
      NumberKey("topics_max", &Config::topics_max),
      NumberKey("alarm_budget_per_day", &Config::alarm_budget_per_day),
      ChoiceKey("log_level", &Config::log_level,
                {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError, LogLevel::kOff}),
      ChoiceKey("log_format", &Config::log_format, {LogFormat::kText, LogFormat::kJson}),
      NumberKey("metrics_topics", &Config::metrics_topics),
      TextListKey("webhook_addresses", &Config::webhook_addresses),
      NumberKey("webhook_give_up_seconds", &Config::webhook_give_up_seconds),
      TextKey("fasp_url", &Config::fasp_url),
      TextKey("fasp_name", &Config::fasp_name),
      TextListKey("allowed_origins", &Config::allowed_origins),
      TextListKey("allowed_hosts", &Config::allowed_hosts),
      TextListKey("trusted_proxies", &Config::trusted_proxies),
      RateKey("token_requests_per_second", &RateLimitOptions::token_requests_per_second),
      RateKey("token_posts_per_second", &RateLimitOptions::token_posts_per_second),
      RateKey("address_requests_per_second", &RateLimitOptions::address_requests_per_second),
      RateKey("address_posts_per_second", &RateLimitOptions::address_posts_per_second),
      RateKey("burst_seconds", &RateLimitOptions::burst_seconds),
      TextKey("tls_certificate", &Config::tls_certificate),
      TextKey("tls_key", &Config::tls_key),
      SaltKey(),
  };
  return keys;
}

bool IsStreamKey(std::string_view name) {
  constexpr std::string_view kNames[] = {"data",
                                         "clock",
                                         "fsync",
                                         "fsync_interval_ms",
                                         "lateness_seconds",
                                         "future_seconds",
                                         "queue_posts_max",
                                         "queue_bytes_max",
                                         "stream_posts_per_second",
                                         "stream_disk_bytes_max",
                                         "retention_posts_days",
                                         "retention_history_days",
                                         "retention_events_days",
                                         "blocks",
                                         "milestones",
                                         "review",
                                         "topics_max",
                                         "alarm_budget_per_day",
                                         "metrics_topics",
                                         "fasp_name",
                                         "salt"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

const ConfigKey* FindConfigKey(std::string_view name) {
  for (const ConfigKey& key : ConfigKeyTable()) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

}  // namespace tagswell
