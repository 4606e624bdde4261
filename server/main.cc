// `tagswell`: one program, a command for each thing it does. Exit codes: 0 done; 1 the environment, the configuration
// or the input is at fault, and standard error says how; 2 the command line is.
#include <CLI/CLI.hpp>

#include "server/commands/backup_command.h"
#include "server/commands/check_config_command.h"
#include "server/commands/connect_command.h"
#include "server/commands/failure.h"
#include "server/commands/replay_command.h"
#include "server/commands/score_command.h"
#include "server/commands/serve_command.h"
#include "server/commands/synth_command.h"
#include "server/commands/top_command.h"
#include "server/commands/verify_command.h"
#include "server/commands/version_command.h"
#include "server/commands/watch_command.h"

// Read by jemalloc when the program starts. Blocks on their way to disk take megabytes at a time: by default memory of
// that size goes back to the system at once, and costs a page fault for each page when the next block asks for it.
// What is not asked for again within ten seconds is given back, by a thread of the allocator's own.
extern "C" {
const char* malloc_conf = "oversize_threshold:0,background_thread:true";
}

namespace {

// In the order of the help text.
constexpr auto kCommands = {
    tagswell::AddServeCommand,  tagswell::AddConnectCommand,     tagswell::AddReplayCommand,
    tagswell::AddSynthCommand,  tagswell::AddWatchCommand,       tagswell::AddTopCommand,
    tagswell::AddScoreCommand,  tagswell::AddCheckConfigCommand, tagswell::AddBackupCommand,
    tagswell::AddVerifyCommand, tagswell::AddVersionCommand,
};

}  // namespace

int main(int argc, char** argv) {
  int exit_code = tagswell::kExitOk;
  CLI::App app("Counts every hashtag of a post stream exactly and pushes what begins to trend.", "tagswell");
  for (const auto add : kCommands) add(app, exit_code);
  app.require_subcommand(1);
  app.footer("tagswell COMMAND --help tells more about each.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? tagswell::kExitOk : tagswell::kExitUsage;
  }
  return exit_code;
}
