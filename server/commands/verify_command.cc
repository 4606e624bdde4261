#include "server/commands/verify_command.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "server/commands/console.h"
#include "server/commands/failure.h"
#include "storage/read_lock.h"
#include "storage/store_check.h"

namespace tagswell {
namespace {

int Run(const std::string& dir) {
  const auto lock = ReadLock::Take(dir);
  if (!lock) {
    return Fail("a running process (" + std::to_string(lock.error()) + ") has " + dir +
                " open: stop it, or verify the copy that `tagswell backup` takes of it");
  }
  Console console;
  const StoreCheck check = CheckStore(dir, [&](std::string what) { console.ShowProgress("reading " + what); });
  console.EndProgress();
  for (const std::string& fact : check.facts) console.PrintLine(fact);
  for (const std::string& damage : check.damage) console.PrintLine("damaged: " + damage);
  console.PrintLine(check.damage.empty() ? "whole" : "not whole");
  return check.damage.empty() ? kExitOk : kExitFailed;
}

}  // namespace

void AddVerifyCommand(CLI::App& app, int& exit_code) {
  const auto dir = std::make_shared<std::string>();
  CLI::App& verify = *app.add_subcommand("verify", "Read a whole store and say what is damaged");
  verify.add_option("DIR", *dir, "folder of a store that no server holds, or a backup")->required();
  verify.footer(
      "Changes nothing. Exit status 0: whole; 1: not, and each damage is a line, or a server has it open.\n"
      "Example:\n"
      "  tagswell verify /backup/tagswell");
  verify.callback([dir, &exit_code] { exit_code = Run(*dir); });
}

}  // namespace tagswell
