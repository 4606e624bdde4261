#include "server/config/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "proto/utf8.h"
#include "server/config/config_reader.h"

namespace tagswell {
namespace {

constexpr std::string_view kEnvironmentPrefix = "TAGSWELL_";
constexpr std::size_t kStreamsMax = 32;  // each has threads and caches of its own
constexpr std::size_t kNameBytesMax = 64;
constexpr std::uint32_t kPostsDaysMin = 7;  // StoreOptions::duplicate_horizon
constexpr std::uint32_t kDaysMax = 36'500;
constexpr std::size_t kUrlBytesMax = 2048;
constexpr std::size_t kFaspNameBytesMax = 200;

std::filesystem::path FolderOf(const Config& config) {
  return std::filesystem::absolute(config.data_dir).lexically_normal();
}

std::unexpected<Error> Bad(std::string_view key, std::string_view what) {
  return std::unexpected(Error{"bad_config", fmt::format("{} {}", key, what), std::string(key)});
}

std::optional<ListenAddress> SplitListen(std::string_view listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  ListenAddress result;
  std::string_view host = listen.substr(0, colon);
  const std::string_view port = listen.substr(colon + 1);
  const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (ec != std::errc() || end != port.data() + port.size()) return std::nullopt;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  result.address = host == "localhost" ? "127.0.0.1" : host;
  return IpAddress::Parse(result.address) ? std::optional(result) : std::nullopt;
}

std::expected<void, Error> CheckListen(std::string_view key, const std::string& listen, bool open_to_all) {
  const auto address = SplitListen(listen);
  if (!address) return Bad(key, "must be ADDRESS:PORT, e.g. 127.0.0.1:8080 or [::1]:8080");
  if (open_to_all && !IpAddress::Parse(address->address)->IsLoopback()) {
    return Bad(key, fmt::format("is {}, which others can reach, but no token is configured: add a [[token]] to the "
                                "configuration file, or listen on 127.0.0.1",
                                listen));
  }
  return {};
}

std::expected<void, Error> CheckRates(const Config& config) {
  const RateLimitOptions& limits = config.rate_limits;
  for (const auto& [kind, per_second] : {std::pair(LimitKind::kTokenRequests, limits.token_requests_per_second),
                                         std::pair(LimitKind::kTokenPosts, limits.token_posts_per_second),
                                         std::pair(LimitKind::kAddressRequests, limits.address_requests_per_second),
                                         std::pair(LimitKind::kAddressPosts, limits.address_posts_per_second)}) {
    if (per_second > kRateMax) return Bad(Name(kind), fmt::format("must be 0 to {}", kRateMax));
  }
  if (limits.burst_seconds < 1 || limits.burst_seconds > 3'600) return Bad("burst_seconds", "must be 1 to 3600");
  return {};
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

// A key from the environment or a flag; `origin` is how the operator wrote it.
std::expected<void, Error> ReadText(std::string_view name, std::string_view origin, const std::string& text,
                                    Config& config) {
  const ConfigKey* key = FindConfigKey(name);
  if (!key) return Bad(origin, "is no known key");
  const bool list = key->type == ConfigType::kTextList || key->type == ConfigType::kIntegerList;
  const std::vector<std::string> items = list ? SplitList(text) : std::vector{text};
  if (auto read = key->read(config, items); !read) {
    return std::unexpected(Error{"bad_config", fmt::format("{} {}", origin, read.error()), std::string(name)});
  }
  return {};
}

std::string EnvironmentName(std::string_view key) {
  std::string name(kEnvironmentPrefix);
  for (const char c : key) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

std::expected<void, Error> ReadEnvironment(const ConfigSources& sources,
                                           const std::vector<std::string>& environment_names, Config& config) {
  const std::vector<std::string> keys = ConfigKeys();
  for (const std::string& name : environment_names) {
    if (!name.starts_with(kEnvironmentPrefix) || name == "TAGSWELL_CONFIG") continue;
    if (std::ranges::none_of(keys, [&](const std::string& key) { return EnvironmentName(key) == name; })) {
      return Bad(name, "is no known key");
    }
  }
  for (const std::string& key : keys) {
    const std::string name = EnvironmentName(key);
    if (const char* text = sources.environment(name.c_str())) {
      if (auto read = ReadText(key, name, text, config); !read) return read;
    }
  }
  return {};
}

std::expected<void, Error> CheckTokens(const Config& config) {
  if (config.public_read && config.tokens.empty()) {
    return Bad("public_read", "lets everyone read where others need a token: configure a [[token]] for those");
  }
  std::vector<std::string_view> names;
  for (const Token& token : config.tokens) {
    if (token.name.empty()) return Bad("token.name", "must not be empty");
    if (std::ranges::find(names, token.name) != names.end()) {
      return Bad("token.name", fmt::format("'{}' stands twice", token.name));
    }
    names.push_back(token.name);
    const auto is_hex = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    if (token.sha256.size() != 64 || !std::ranges::all_of(token.sha256, is_hex)) {
      return Bad("token.sha256",
                 fmt::format("of '{}' must be the 64 hexadecimal digits that `printf %s TOKEN | sha256sum` prints",
                             token.name));
    }
    if (token.roles.bits == 0) return Bad("token.roles", fmt::format("of '{}' must not be empty", token.name));
  }
  return {};
}

// As it stands in what fediverse servers sign: an origin in lower case, then perhaps a path.
bool IsBaseUrl(std::string_view url) {
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0 || url.size() > kUrlBytesMax || url.ends_with('/')) return false;
  const std::string_view host = url.substr(scheme, url.find('/', scheme) - scheme);
  return !host.empty() && std::ranges::none_of(host, [](char c) { return c >= 'A' && c <= 'Z'; }) &&
         std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7f && c != '?' && c != '#' && c != '@'; });
}

// What IsStreamKey allows, and aliases.
std::expected<void, Error> CheckStream(const Config& stream) {
  if (stream.data_dir.empty()) return Bad("data", "must not be empty");
  if (stream.fsync_interval_ms < 1 || stream.fsync_interval_ms > 60'000)
    return Bad("fsync_interval_ms", "must be 1 to 60000");
  if (stream.lateness_seconds > 3'600) return Bad("lateness_seconds", "must be 0 to 3600");
  if (stream.future_seconds > 86'400) return Bad("future_seconds", "must be 0 to 86400");
  if (stream.queue_posts_max < 1) return Bad("queue_posts_max", "must be at least 1");
  if (stream.queue_bytes_max < stream.decoded_bytes_max)
    return Bad("queue_bytes_max", "must be at least decoded_bytes_max");
  if (!std::ranges::is_sorted(stream.milestones, std::ranges::less_equal()) ||
      (!stream.milestones.empty() && stream.milestones.front() == 0)) {
    return Bad("milestones", "must ascend and be greater than 0");
  }
  if (stream.topics_max < 1'000 || stream.topics_max > 50'000'000) return Bad("topics_max", "must be 1000 to 50000000");
  if (!(stream.alarm_budget_per_day > 0 && stream.alarm_budget_per_day <= 1000)) {
    return Bad("alarm_budget_per_day", "must be greater than 0 and at most 1000");
  }
  if (stream.metrics_topics > 1'000) return Bad("metrics_topics", "must be 0 to 1000");
  if (stream.fasp_name.empty() || stream.fasp_name.size() > kFaspNameBytesMax || !IsValidUtf8(stream.fasp_name))
    return Bad("fasp_name", fmt::format("must be 1 to {} bytes of UTF-8", kFaspNameBytesMax));
  if (stream.stream_posts_per_second > kRateMax)
    return Bad("stream_posts_per_second", fmt::format("must be 0 to {}", kRateMax));
  // A post must be known again for as long as duplicates are promised to be.
  if (stream.retention_posts_days != 0 &&
      (stream.retention_posts_days < kPostsDaysMin || stream.retention_posts_days > kDaysMax))
    return Bad("retention_posts_days", fmt::format("must be 0, or {} to {}", kPostsDaysMin, kDaysMax));
  if (stream.retention_history_days > kDaysMax)
    return Bad("retention_history_days", fmt::format("must be 0 to {}", kDaysMax));
  if (stream.retention_events_days > kDaysMax)
    return Bad("retention_events_days", fmt::format("must be 0 to {}", kDaysMax));
  if (auto resolver = TopicResolver::Create(stream.aliases); !resolver) return Bad("alias", resolver.error().detail);
  return {};
}

// Each stream as it will run, its folder its own.
std::expected<void, Error> CheckStreams(const Config& config) {
  if (config.streams.size() > kStreamsMax) return Bad("streams", fmt::format("may be {} at most", kStreamsMax));
  std::vector<std::filesystem::path> folders = {FolderOf(config)};
  for (const StreamSettings& settings : config.streams) {
    const std::string key = "streams." + settings.name;
    if (!IsPlainName(settings.name)) {
      return Bad(key, fmt::format("must be named with a-z, 0-9, '-' and '_', {} at most", kNameBytesMax));
    }
    if (settings.name == kDefaultStream) return Bad(key, "is there already: its keys stand at the top of the file");
    const Config stream = config.OfStream(settings);
    if (auto valid = CheckStream(stream); !valid) {
      return std::unexpected(
          Error{"bad_config", fmt::format("{}.{}", key, valid.error().detail), key + "." + valid.error().field});
    }
    if (std::ranges::find(folders, FolderOf(stream)) != folders.end()) {
      return Bad(key + ".data", fmt::format("is {}, which another stream has", stream.data_dir));
    }
    folders.push_back(FolderOf(stream));
  }
  for (const Token& token : config.tokens) {
    for (const std::string& name : token.streams) {
      if (name != kDefaultStream &&
          std::ranges::find(config.streams, name, &StreamSettings::name) == config.streams.end()) {
        return Bad("token.streams", fmt::format("of '{}' names '{}', which is no stream", token.name, name));
      }
    }
  }
  return {};
}

}  // namespace

bool IsPlainName(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::string_view Name(ClockMode mode) {
  return mode == ClockMode::kWall ? "wall" : "event";
}

std::string_view Name(FsyncPolicy policy) {
  constexpr std::string_view kNames[] = {"always", "interval", "never"};
  return kNames[static_cast<std::size_t>(policy)];
}

Config Config::OfStream(const StreamSettings& settings) const {
  Config stream = *this;
  stream.data_dir = (std::filesystem::path(data_dir) / "streams" / settings.name).string();
  stream.blocks.clear();
  stream.aliases = settings.aliases;
  stream.streams.clear();
  for (const auto& [name, items] : settings.keys) static_cast<void>(FindConfigKey(name)->read(stream, items));
  return stream;
}

ListenAddress Config::Listen() const {
  return SplitListen(listen).value_or(ListenAddress());
}
std::optional<ListenAddress> Config::AdminListen() const {
  return admin_listen.empty() ? std::nullopt : SplitListen(admin_listen);
}

std::expected<void, Error> Config::Validate() const {
  if (auto checked = CheckTokens(*this); !checked) return checked;
  if (auto checked = CheckListen("listen", listen, tokens.empty()); !checked) return checked;
  if (!admin_listen.empty()) {
    if (auto checked = CheckListen("admin_listen", admin_listen, tokens.empty()); !checked) return checked;
  }
  if (auto checked = CheckRates(*this); !checked) return checked;
  if (auto networks = NetworkSet::Create(trusted_proxies); !networks)
    return Bad("trusted_proxies", "holds " + networks.error().detail);
  if (io_threads > 256) return Bad("io_threads", "must be 0 to 256");
  if (body_bytes_max < 1024 || body_bytes_max > 1ull << 30) return Bad("body_bytes_max", "must be 1024 to 1073741824");
  if (decoded_bytes_max < body_bytes_max || decoded_bytes_max > 4ull << 30) {
    return Bad("decoded_bytes_max", "must be body_bytes_max to 4294967296");
  }
  if (connections_max < 1 || connections_max > 1'000'000) return Bad("connections_max", "must be 1 to 1000000");
  if (webhook_give_up_seconds < 1 || webhook_give_up_seconds > 604'800)
    return Bad("webhook_give_up_seconds", "must be 1 to 604800");
  if (!fasp_url.empty() && !IsBaseUrl(fasp_url))
    return Bad("fasp_url", "must be https://HOST or http://HOST, perhaps with a path, and no '/' at the end");
  if (tls_certificate.empty() != tls_key.empty()) return Bad("tls_key", "and tls_certificate go together");
  if (auto checked = CheckStream(*this); !checked) return checked;
  if (auto checked = CheckStreams(*this); !checked) return checked;
  return CheckConnects(*this);
}

std::vector<std::string> ConfigKeys() {
  std::vector<std::string> names;
  for (const ConfigKey& key : ConfigKeyTable()) names.push_back(key.name);
  return names;
}

std::expected<Config, Error> LoadConfig(const ConfigSources& sources,
                                        const std::vector<std::string>& environment_names) {
  Config config;
  if (sources.file) {
    if (auto read = ReadConfigFile(*sources.file, config); !read) return std::unexpected(read.error());
  }
  if (sources.environment) {
    if (auto read = ReadEnvironment(sources, environment_names, config); !read) return std::unexpected(read.error());
  }
  for (const auto& [key, text] : sources.flags) {
    if (auto read = ReadText(key, "--" + key, text, config); !read) return std::unexpected(read.error());
  }
  if (auto valid = config.Validate(); !valid) return std::unexpected(valid.error());
  return config;
}

}  // namespace tagswell
