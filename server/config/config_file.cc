#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <utility>

#include "server/config/config_reader.h"

namespace tagswell {
namespace {

// Where a message points: the file, a line of it, a key.
class Place {
 public:
  explicit Place(const std::filesystem::path& path) : path_(path.string()) {}

  std::unexpected<Error> Fail(const toml::source_region& at, std::string_view key, std::string_view what) const {
    const std::string subject = key.empty() ? "" : std::string(key) + " ";
    return std::unexpected(
        Error{"bad_config", fmt::format("{}:{}: {}{}", path_, at.begin.line, subject, what), std::string(key)});
  }

 private:
  std::string path_;
};

bool IsList(ConfigType type) {
  return type == ConfigType::kTextList || type == ConfigType::kIntegerList;
}

std::string_view TypeName(ConfigType type) {
  switch (type) {
    case ConfigType::kText:
      return "a string";
    case ConfigType::kInteger:
      return "a whole number";
    case ConfigType::kNumber:
      return "a number";
    case ConfigType::kBoolean:
      return "true or false";
    case ConfigType::kTextList:
      return "a list of strings";
    case ConfigType::kIntegerList:
      return "a list of whole numbers";
  }
  return "";
}

// The text of a scalar, when it has the type.
std::optional<std::string> ItemText(const toml::node& node, ConfigType type) {
  if (type == ConfigType::kText || type == ConfigType::kTextList) return node.value_exact<std::string>();
  if (type == ConfigType::kBoolean) {
    const auto value = node.value_exact<bool>();
    return value ? std::optional<std::string>(*value ? "true" : "false") : std::nullopt;
  }
  if (const auto integer = node.value_exact<std::int64_t>()) return fmt::format("{}", *integer);
  if (type != ConfigType::kNumber) return std::nullopt;
  if (const auto number = node.value_exact<double>()) return fmt::format("{}", *number);
  return std::nullopt;
}

std::optional<std::vector<std::string>> Items(const toml::node& node, ConfigType type) {
  std::vector<std::string> items;
  if (!IsList(type)) {
    auto text = ItemText(node, type);
    if (!text) return std::nullopt;
    items.push_back(std::move(*text));
    return items;
  }
  const toml::array* array = node.as_array();
  if (!array) return std::nullopt;
  for (const toml::node& element : *array) {
    auto text = ItemText(element, type);
    if (!text) return std::nullopt;
    items.push_back(std::move(*text));
  }
  return items;
}

std::expected<void, Error> ReadKey(const Place& place, const ConfigKey& key, const toml::node& node, Config& config) {
  const auto items = Items(node, key.type);
  if (!items) return place.Fail(node.source(), key.name, fmt::format("must be {}", TypeName(key.type)));
  if (auto read = key.read(config, *items); !read) return place.Fail(node.source(), key.name, read.error());
  return {};
}

std::expected<Token, Error> ReadToken(const Place& place, const toml::table& table) {
  Token token;
  for (const auto& [key, node] : table) {
    const std::string name = "token." + std::string(key.str());
    if (name == "token.name" && node.is_string()) {
      token.name = *node.value<std::string>();
    } else if (name == "token.sha256" && node.is_string()) {
      token.sha256 = *node.value<std::string>();
    } else if (name == "token.roles") {
      const auto roles = Items(node, ConfigType::kTextList);
      if (!roles) return place.Fail(node.source(), name, "must be a list of strings");
      for (const std::string& role : *roles) {
        if (role == "ingest") {
          token.roles.Add(Role::kIngest);
        } else if (role == "read") {
          token.roles.Add(Role::kRead);
        } else if (role == "admin") {
          token.roles.Add(Role::kAdmin);
        } else {
          return place.Fail(node.source(), name, "may hold ingest, read and admin, not '" + role + "'");
        }
      }
    } else if (name == "token.streams") {
      auto streams = Items(node, ConfigType::kTextList);
      if (!streams) return place.Fail(node.source(), name, "must be a list of strings");
      token.streams = std::move(*streams);
    } else if (name == "token.requests_per_second" || name == "token.posts_per_second") {
      const auto rate = node.value_exact<std::int64_t>();
      if (!rate || *rate < 0 || *rate > kRateMax) {
        return place.Fail(node.source(), name, fmt::format("must be a whole number, 0 to {}", kRateMax));
      }
      (name == "token.posts_per_second" ? token.posts_per_second : token.requests_per_second) =
          static_cast<std::uint32_t>(*rate);
    } else if (name == "token.name" || name == "token.sha256") {
      return place.Fail(node.source(), name, "must be a string");
    } else {
      return place.Fail(node.source(), name, "is no known key");
    }
  }
  return token;
}

std::expected<Alias, Error> ReadAlias(const Place& place, const toml::table& table) {
  Alias alias;
  for (const auto& [key, node] : table) {
    const std::string name = "alias." + std::string(key.str());
    if (name == "alias.topic") {
      if (!node.is_string()) return place.Fail(node.source(), name, "must be a string");
      alias.topic = *node.value<std::string>();
    } else if (name == "alias.tags" || name == "alias.phrases") {
      auto items = Items(node, ConfigType::kTextList);
      if (!items) return place.Fail(node.source(), name, "must be a list of strings");
      (name == "alias.tags" ? alias.tags : alias.phrases) = std::move(*items);
    } else {
      return place.Fail(node.source(), name, "is no known key");
    }
  }
  return alias;
}

std::expected<ConnectSettings, Error> ReadConnect(const Place& place, const toml::table& table) {
  ConnectSettings connect;
  connect.stream = kDefaultStream;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"name", &connect.name},     {"platform", &connect.platform}, {"url", &connect.url},
      {"stream", &connect.stream}, {"ca_file", &connect.ca_file},   {"access_token_file", &connect.access_token_file}};
  for (const auto& [key, node] : table) {
    const std::string name = "connect." + std::string(key.str());
    if (const auto* text = std::ranges::find(texts, key.str(), &std::pair<std::string_view, std::string*>::first);
        text != std::end(texts)) {
      if (!node.is_string()) return place.Fail(node.source(), name, "must be a string");
      *text->second = *node.value<std::string>();
    } else if (key.str() == "idle_seconds") {
      const auto seconds = node.value_exact<std::int64_t>();
      if (!seconds || *seconds < 1 || *seconds > ConnectSettings::kIdleSecondsMax) {
        return place.Fail(node.source(), name,
                          fmt::format("must be a whole number, 1 to {}", ConnectSettings::kIdleSecondsMax));
      }
      connect.idle_seconds = static_cast<std::uint32_t>(*seconds);
    } else {
      return place.Fail(key.source(), name, "is no known key");
    }
  }
  return connect;
}

// Reads each table of [[name]] by `read` into `into`.
template <class T, class Read>
std::expected<void, Error> ReadTables(const Place& place, std::string_view name, const toml::node& node, Read read,
                                      std::vector<T>& into) {
  const toml::array* array = node.as_array();
  if (!array) return place.Fail(node.source(), name, fmt::format("must be written as [[{}]]", name));
  into.clear();
  for (const toml::node& element : *array) {
    const toml::table* table = element.as_table();
    if (!table) return place.Fail(element.source(), name, fmt::format("must be written as [[{}]]", name));
    auto value = read(place, *table);
    if (!value) return std::unexpected(value.error());
    into.push_back(std::move(*value));
  }
  return {};
}

// The keys are kept as they stand: what they change is known once all else is read.
std::expected<StreamSettings, Error> ReadStream(const Place& place, std::string_view name, const toml::table& table) {
  StreamSettings stream{.name = std::string(name), .keys = {}, .aliases = {}};
  for (const auto& [key, node] : table) {
    const std::string path = fmt::format("streams.{}.{}", name, key.str());
    if (key.str() == "alias") {
      if (auto read = ReadTables(place, path, node, ReadAlias, stream.aliases); !read)
        return std::unexpected(read.error());
      continue;
    }
    const ConfigKey* known = IsStreamKey(key.str()) ? FindConfigKey(key.str()) : nullptr;
    if (!known) return place.Fail(key.source(), path, "is no key of a stream");
    auto items = Items(node, known->type);
    if (!items) return place.Fail(node.source(), path, fmt::format("must be {}", TypeName(known->type)));
    Config scratch;
    if (auto read = known->read(scratch, *items); !read) return place.Fail(node.source(), path, read.error());
    stream.keys.emplace_back(known->name, std::move(*items));
  }
  return stream;
}

std::expected<void, Error> ReadStreams(const Place& place, const toml::node& node,
                                       std::vector<StreamSettings>& streams) {
  const toml::table* table = node.as_table();
  if (!table) return place.Fail(node.source(), "streams", "must be written as [streams.NAME]");
  streams.clear();
  for (const auto& [name, settings] : *table) {
    const toml::table* keys = settings.as_table();
    if (!keys) return place.Fail(settings.source(), "streams", "must be written as [streams.NAME]");
    auto stream = ReadStream(place, name.str(), *keys);
    if (!stream) return std::unexpected(stream.error());
    streams.push_back(std::move(*stream));
  }
  return {};
}

}  // namespace

std::expected<void, Error> ReadConfigFile(const std::filesystem::path& path, Config& config) {
  const Place place(path);
  toml::table table;
  try {
    table = toml::parse_file(path.string());
  } catch (const toml::parse_error& e) {
    if (e.source().begin.line == 0) {
      return std::unexpected(Error{"bad_config", fmt::format("{}: {}", path.string(), e.description()), "config"});
    }
    return place.Fail(e.source(), {}, e.description());
  }
  for (const auto& [key, node] : table) {
    std::expected<void, Error> read;
    if (key.str() == "token") {
      read = ReadTables(place, "token", node, ReadToken, config.tokens);
    } else if (key.str() == "alias") {
      read = ReadTables(place, "alias", node, ReadAlias, config.aliases);
    } else if (key.str() == "connect") {
      read = ReadTables(place, "connect", node, ReadConnect, config.connects);
    } else if (key.str() == "streams") {
      read = ReadStreams(place, node, config.streams);
    } else if (const ConfigKey* known = FindConfigKey(key.str())) {
      read = ReadKey(place, *known, node, config);
    } else {
      read = place.Fail(key.source(), key.str(), "is no known key");
    }
    if (!read) return read;
  }
  return {};
}

}  // namespace tagswell
