#include <fmt/format.h>

#include <utility>

#include "server/config/config.h"
#include "server/config/config_reader.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

void PrintItem(ConfigType type, std::string_view item, std::string& out) {
  if (type == ConfigType::kText || type == ConfigType::kTextList) {
    AppendJsonString(item, out);  // valid as a TOML basic string
  } else {
    out += item;
  }
}

void PrintList(std::string_view name, const std::vector<std::string>& items, ConfigType type, std::string& out) {
  out += fmt::format("{} = [", name);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ", ";
    PrintItem(type, items[i], out);
  }
  out += "]\n";
}

void PrintKey(const ConfigKey& key, const std::vector<std::string>& items, bool secrets, std::string& out) {
  if (key.type == ConfigType::kTextList || key.type == ConfigType::kIntegerList) {
    PrintList(key.name, items, key.type, out);
  } else if (!items.empty()) {
    out += key.name + " = ";
    PrintItem(key.type, key.name == "salt" && !secrets ? "…" : items[0], out);
    out += '\n';
  }
}

void PrintAliases(std::string_view table, const std::vector<Alias>& aliases, std::string& out) {
  for (const Alias& alias : aliases) {
    out += fmt::format("\n[[{}]]\ntopic = ", table);
    AppendJsonString(alias.topic, out);
    out += '\n';
    PrintList("tags", alias.tags, ConfigType::kTextList, out);
    PrintList("phrases", alias.phrases, ConfigType::kTextList, out);
  }
}

void PrintConnect(const ConnectSettings& connect, std::string& out) {
  out += "\n[[connect]]\n";
  for (const auto& [key, text] :
       {std::pair("name", &connect.name), std::pair("platform", &connect.platform), std::pair("url", &connect.url),
        std::pair("stream", &connect.stream), std::pair("access_token_file", &connect.access_token_file),
        std::pair("ca_file", &connect.ca_file)}) {
    out += fmt::format("{} = ", key);
    AppendJsonString(*text, out);
    out += '\n';
  }
  out += fmt::format("idle_seconds = {}\n", connect.idle_seconds);
}

}  // namespace

std::string PrintConfig(const Config& config, bool secrets) {
  std::string out;
  for (const ConfigKey& key : ConfigKeyTable()) PrintKey(key, key.print(config), secrets, out);
  for (const Token& token : config.tokens) {
    std::vector<std::string> roles;
    if (token.roles.Has(Role::kIngest)) roles.emplace_back("ingest");
    if (token.roles.Has(Role::kRead)) roles.emplace_back("read");
    if (token.roles.Has(Role::kAdmin)) roles.emplace_back("admin");
    out += "\n[[token]]\nname = ";
    AppendJsonString(token.name, out);
    out += "\nsha256 = ";
    AppendJsonString(secrets ? token.sha256 : "…", out);
    out += '\n';
    PrintList("roles", roles, ConfigType::kTextList, out);
    if (token.requests_per_second) out += fmt::format("requests_per_second = {}\n", *token.requests_per_second);
    if (!token.streams.empty()) PrintList("streams", token.streams, ConfigType::kTextList, out);
    if (token.posts_per_second) out += fmt::format("posts_per_second = {}\n", *token.posts_per_second);
  }
  PrintAliases("alias", config.aliases, out);
  for (const ConnectSettings& connect : config.connects) PrintConnect(connect, out);
  for (const StreamSettings& stream : config.streams) {
    out += fmt::format("\n[streams.{}]\n", stream.name);
    for (const auto& [name, items] : stream.keys) PrintKey(*FindConfigKey(name), items, secrets, out);
    PrintAliases(fmt::format("streams.{}.alias", stream.name), stream.aliases, out);
  }
  return out;
}

}  // namespace tagswell
