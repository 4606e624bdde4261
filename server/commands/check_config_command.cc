#include "server/commands/check_config_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "server/commands/environment.h"
#include "server/commands/failure.h"
#include "server/config/config.h"

namespace tagswell {
namespace {

int Run(const std::string& file) {
  const auto config = LoadConfig(SourcesOf(file), EnvironmentNames());
  if (!config) return Fail(config.error());
  std::fputs(PrintConfig(*config).c_str(), stdout);
  return kExitOk;
}

}  // namespace

void AddCheckConfigCommand(CLI::App& app, int& exit_code) {
  const auto file = std::make_shared<std::string>();
  CLI::App& check = *app.add_subcommand("check-config", "Say what is wrong with a configuration, or print all of it");
  check.add_option("FILE", *file, "TOML file")->required();
  check.footer(
      "Prints the effective configuration: file, environment and defaults. Secrets are left out.\n"
      "Example:\n"
      "  tagswell check-config /etc/tagswell.toml");
  check.callback([file, &exit_code] { exit_code = Run(*file); });
}

}  // namespace tagswell
