// Everything an operator may set. Plain values with defaults: no file is needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/error.h"
#include "proto/topic_resolver.h"
#include "server/config/connect_settings.h"
#include "server/logging.h"
#include "server/net/access.h"
#include "server/net/rate_limits.h"
#include "server/net/server.h"
#include "storage/store_options.h"

namespace tagswell {

enum class ClockMode : unsigned char { kWall = 0, kEvent };

std::string_view Name(ClockMode mode);      // "wall", "event"
std::string_view Name(FsyncPolicy policy);  // "always", "interval", "never"

// The stream that is always there: the keys of the file's top level, and the store in `data` itself.
inline constexpr std::string_view kDefaultStream = "default";

// [streams.NAME]: what one stream does differently from the default one.
struct StreamSettings {
  std::string name;
  std::vector<std::pair<std::string, std::vector<std::string>>> keys;  // as in ConfigKeyTable
  std::vector<Alias> aliases;                                          // [[streams.NAME.alias]]
};

// Keys in the file, in the environment (TAGSWELL_LISTEN) and as flags (--listen) have these very names.
struct Config {
  std::string listen = "127.0.0.1:8080";     // "HOST:PORT", "[::1]:8080"; HOST is an address
  std::string admin_listen;                  // the same for operators: metrics and role admin; empty: with the others
  std::string data_dir = "./tagswell-data";  // key "data"
  ClockMode clock = ClockMode::kWall;
  FsyncPolicy fsync = FsyncPolicy::kAlways;
  std::uint32_t fsync_interval_ms = 200;          // 1..60,000; used by "interval"
  std::uint32_t lateness_seconds = 30;            // 0..3,600; how far the watermark stands behind the newest post
  std::uint32_t future_seconds = 300;             // 0..86,400; posts later than that are rejected
  std::uint32_t io_threads = 0;                   // 0..256; 0: one a core
  std::uint64_t body_bytes_max = 16ull << 20;     // a body as sent
  std::uint64_t decoded_bytes_max = 64ull << 20;  // and after gzip or zstd
  std::uint32_t connections_max = 20'000;
  std::uint64_t queue_posts_max = 500'000;       // accepted and not yet committed: about half a second of work
  std::uint64_t queue_bytes_max = 256ull << 20;  // the same in bytes
  std::uint32_t stream_posts_per_second = 0;     // of one stream, whoever sends them; 0: no limit
  std::uint64_t stream_disk_bytes_max = 0;       // of one stream's store; beyond it posts are refused; 0: no limit
  std::uint32_t retention_posts_days = 0;        // of the stream's time; what is older is dropped; 0: kept for ever
  std::uint32_t retention_history_days = 0;      // the same of the counts of each minute
  std::uint32_t retention_events_days = 0;       // and of trend events and boards
  std::vector<StreamSettings> streams;           // besides the default one, by name
  std::vector<Token> tokens;                     // [[token]] name, sha256, roles
  bool public_read = false;                      // what needs the role read needs no token
  std::vector<Alias> aliases;                    // [[alias]] topic, tags, phrases
  std::vector<ConnectSettings> connects;         // [[connect]], of all streams
  std::vector<std::string> blocks;               // tags that never trend, still counted
  bool review = false;                           // trends are shown once an operator approves their topic
  std::vector<std::uint64_t> milestones = {1'000, 10'000, 70'000, 100'000, 1'000'000};  // authors, posts; ascending
  std::uint64_t topics_max = 3'000'000;  // counted at once, 1,000..50,000,000: about 140 bytes each
  double alarm_budget_per_day = 1.0;     // false alarms expected a day over all topics, (0, 1000]
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  std::uint32_t metrics_topics = 20;               // 0..1,000 members of tagswell_topic_posts
  std::vector<std::string> webhook_addresses;      // networks inside that webhooks may go to
  std::uint32_t webhook_give_up_seconds = 86'400;  // 1..604,800: an event that fails for so long is a dead letter
  std::string fasp_url;                            // of this server, as fediverse servers reach it; empty: no provider
  std::string fasp_name = "tagswell";              // of the provider, for their administrators
  std::vector<std::string> allowed_origins;        // browsers' origins that may read, write and subscribe
  std::vector<std::string> allowed_hosts;          // names that a server without tokens answers under, see HostRule
  std::vector<std::string> trusted_proxies;        // networks whose X-Forwarded-For is believed
  RateLimitOptions rate_limits = {.address_requests_per_second = 1'000};
  std::string tls_certificate;  // PEM files; both or none
  std::string tls_key;
  std::optional<std::uint64_t> salt;  // 16 hexadecimal digits, for a new store; none: a server draws one

  // The configuration of one stream: this one with what the stream says. Its own are `data`, by default streams/NAME
  // below ours, blocks and aliases, of which it has only those it names. Precondition: `settings` were read.
  Config OfStream(const StreamSettings& settings) const;

  // `listen` and `admin_listen` taken apart. Precondition: Validate() passed.
  ListenAddress Listen() const;
  std::optional<ListenAddress> AdminListen() const;

  // What the keys say against each other and against their ranges. `field` of the error is the key.
  std::expected<void, Error> Validate() const;
};

struct ConfigSources {
  std::optional<std::filesystem::path> file;               // must exist when given
  std::function<const char*(const char*)> environment;     // std::getenv, or empty: none
  std::vector<std::pair<std::string, std::string>> flags;  // key and text, as on the command line
};

// Flags win over the environment over the file over the defaults; then Validate(). Unknown keys are errors, of the
// file, and of variables that start with TAGSWELL_ when `environment_names` lists them. Every message names the key
// and, for the file, its line. Errors: bad_config.
std::expected<Config, Error> LoadConfig(const ConfigSources& sources,
                                        const std::vector<std::string>& environment_names = {});

// Names that flags and the environment may use, in the order of the struct. Lists are comma-separated.
std::vector<std::string> ConfigKeys();

// The effective configuration as TOML that LoadConfig reads back. Digests and the salt are shown as "…" unless
// `secrets` is set.
std::string PrintConfig(const Config& config, bool secrets = false);

}  // namespace tagswell
