#include "server/commands/version_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "server/commands/failure.h"
#include "server/version.h"

namespace tagswell {

void AddVersionCommand(CLI::App& app, int& exit_code) {
  app.add_subcommand("version", "Print the version")->callback([&exit_code] {
    std::printf("tagswell %s\n", kVersion);
    exit_code = kExitOk;
  });
}

}  // namespace tagswell
