#include "server/commands/backup_command.h"

#include <fcntl.h>
#include <simdjson.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "server/client/http_client.h"
#include "server/commands/console.h"
#include "server/commands/failure.h"
#include "server/commands/signal_interruption.h"
#include "storage/store_check.h"

namespace tagswell {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string dir;
  std::string url = "http://127.0.0.1:8080";
  std::string token_file;
};

// Where the server made its copy.
std::expected<fs::path, Error> AskForCopy(const Options& options) {
  const auto token = ReadToken(options.token_file);
  if (!token) return std::unexpected(token.error());
  SignalInterruption interruption;
  HttpClient client(options.url, *token, interruption);
  const auto answer = client.Post("/v1/checkpoint", "application/json", "");
  if (!answer) return std::unexpected(answer.error());
  if (answer->status != 201) return std::unexpected(Error{.code = "refused", .detail = RefusalText(*answer)});
  simdjson::dom::parser parser;
  std::string_view path;
  if (parser.parse(answer->body).at_pointer("/path").get(path) != simdjson::SUCCESS) {
    return std::unexpected(Error{.code = "refused", .detail = options.url + " does not answer like a tagswell server"});
  }
  return fs::path(path);
}

bool Sync(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  return synced;
}

// Copies the files, on the disk when it returns, and takes the server's copy away.
std::expected<void, Error> TakeCopy(const fs::path& from, const fs::path& to) {
  const auto failed = [&](const std::string& why) {
    return std::unexpected(
        Error{.code = "backup_failed", .detail = "cannot copy " + from.string() + " to " + to.string() + ": " + why});
  };
  std::error_code error;
  if (!fs::exists(from, error)) return failed("it is not to be seen from here; run this beside the server");
  fs::create_directories(to, error);
  if (!error) fs::copy(from, to, fs::copy_options::recursive, error);
  if (error) return failed(error.message());
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(to)) {
    if (!Sync(entry.path())) return failed("a file cannot be synced");
  }
  if (!Sync(to)) return failed("the folder cannot be synced");
  fs::remove_all(from, error);
  if (error) return failed(error.message());
  return {};
}

int Run(const Options& options) {
  std::error_code ignored;
  if (fs::exists(options.dir, ignored) && !fs::is_empty(options.dir, ignored)) {
    return Fail(options.dir + " is not empty");
  }
  const auto copy = AskForCopy(options);
  if (!copy) return Fail(copy.error());
  if (auto taken = TakeCopy(*copy, options.dir); !taken) return Fail(taken.error());
  Console console;
  const StoreCheck check =
      CheckStore(options.dir, [&](const std::string& what) { console.ShowProgress("reading " + what); });
  console.EndProgress();
  for (const std::string& damage : check.damage) console.PrintLine("damaged: " + damage);
  if (!check.damage.empty()) return Fail("the copy is not whole");
  for (const std::string& fact : check.facts) console.PrintLine(fact);
  console.PrintLine("whole");
  return kExitOk;
}

}  // namespace

void AddBackupCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App& backup = *app.add_subcommand("backup", "Copy the store of a running server, and prove the copy");
  backup.add_option("DIR", options->dir, "folder for the copy, made when missing")->required();
  backup.add_option("--to", options->url, "the server, on this machine")->capture_default_str();
  backup.add_option("--token-file", options->token_file, "file with the bearer token, else $TAGSWELL_TOKEN");
  backup.footer(
      "Example:\n"
      "  tagswell backup /backup/tagswell-2026-11-22");
  backup.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace tagswell
