#include "server/commands/environment.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace tagswell {

ConfigSources SourcesOf(const std::string& file) {
  ConfigSources sources;
  if (!file.empty()) sources.file = file;
  sources.environment = [](const char* name) -> const char* { return std::getenv(name); };
  return sources;
}

std::vector<std::string> EnvironmentNames() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable(*entry);
    const std::string_view name = variable.substr(0, variable.find('='));
    if (name != "TAGSWELL_TOKEN") names.emplace_back(name);
  }
  return names;
}

}  // namespace tagswell
