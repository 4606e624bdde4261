// One table of all scalar and list keys: how each is read from text and printed. Tables of tables ([[token]],
// [[alias]], [[connect]]) are of the file alone.
#pragma once

#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/config.h"

namespace tagswell {

enum class ConfigType : unsigned char { kText, kInteger, kNumber, kBoolean, kTextList, kIntegerList };

struct ConfigKey {
  std::string name;
  ConfigType type = ConfigType::kText;
  // `items` holds one text for scalars. The error is a sentence that continues "KEY ".
  std::function<std::expected<void, std::string>(Config&, std::span<const std::string> items)> read;
  std::function<std::vector<std::string>(const Config&)> print;  // the inverse of read
};

const std::vector<ConfigKey>& ConfigKeyTable();
const ConfigKey* FindConfigKey(std::string_view name);

// Whether [streams.NAME] may hold the key.
bool IsStreamKey(std::string_view name);

// Digits of `text` as a salt. None unless it is 16 hexadecimal digits.
std::optional<std::uint64_t> ParseSalt(std::string_view text);
std::string PrintSalt(std::uint64_t salt);

// Of a stream, of a connector: a-z, 0-9, '-' and '_', 1 to 64.
bool IsPlainName(std::string_view name);

// What [[connect]] says, against itself and the streams.
std::expected<void, Error> CheckConnects(const Config& config);

// Applies a TOML file. Error: bad_config, naming file, line and key.
std::expected<void, Error> ReadConfigFile(const std::filesystem::path& path, Config& config);

}  // namespace tagswell
