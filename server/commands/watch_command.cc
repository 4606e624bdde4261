#include "server/commands/watch_command.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/client/http_client.h"
#include "server/client/http_stream.h"
#include "server/commands/console.h"
#include "server/commands/event_json.h"
#include "server/commands/event_line.h"
#include "server/commands/event_watcher.h"
#include "server/commands/failure.h"
#include "server/commands/signal_interruption.h"
#include "server/net/target.h"

namespace tagswell {
namespace {

struct Options {
  std::string url = "http://127.0.0.1:8080";
  std::string token_file;
  std::vector<std::string> scopes;
  std::vector<std::string> types;
  std::vector<std::string> topics;
  std::optional<std::uint64_t> since;
  bool json = false;
};

std::string QueryOf(const Options& options) {
  std::string query;
  const auto add = [&query](const char* name, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      query += (query.empty() ? "" : "&") + std::string(name) + "=" + PercentEncode(value);
    }
  };
  add("scope", options.scopes);
  add("type", options.types);
  add("topic", options.topics);
  return query;
}

// One line an event; a line of its own where a new day begins.
class EventPrinter {
 public:
  explicit EventPrinter(Console& console) : console_(console), colours_(Console::Colours()) {}

  void Print(std::string_view json) {
    const auto event = EventFromJson(json);
    if (!event) return;  // of a kind that came after this program
    const std::string day = DayText(event->time);
    if (day != day_) console_.PrintLine(day);
    day_ = day;
    console_.PrintLine(EventLine(*event, colours_));
  }

 private:
  Console& console_;
  const bool colours_;
  std::string day_;
};

int Run(const Options& options) {
  const auto token = ReadToken(options.token_file);
  if (!token) return Fail(token.error());
  SignalInterruption interruption;
  HttpStream stream(options.url, *token, interruption);
  EventWatcher watcher(stream, interruption, QueryOf(options), options.since);
  Console console;
  EventPrinter printer(console);
  const auto watched =
      watcher.Run([&](std::string_view json) { options.json ? console.PrintLine(json) : printer.Print(json); },
                  [&](const std::string& notice) { console.PrintNotice("tagswell: " + notice); });
  return watched ? kExitOk : Fail(watched.error());
}

}  // namespace

void AddWatchCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App& watch = *app.add_subcommand("watch", "Show trends as they happen");
  watch.add_option("URL,--to", options->url, "the server")->capture_default_str();
  watch.add_option("--scope", options->scopes, "only these: world, country:FR, lang:fr, source:twitter");
  watch.add_option("--type", options->types, "only these: started, rank, milestone, peaked, ended, retracted");
  watch.add_option("--topic", options->topics, "only these");
  watch.add_option("--since", options->since, "first what came after this sequence number; 0 is all there is");
  watch.add_flag("--json", options->json, "the events as they are, one JSON line each");
  watch.add_option("--token-file", options->token_file, "file with the bearer token, else $TAGSWELL_TOKEN");
  watch.footer(
      "Times are UTC. Colours only on a terminal, and none with NO_COLOR.\n"
      "Examples:\n"
      "  tagswell watch\n"
      "  tagswell watch --scope country:FR --scope lang:fr --type started\n"
      "  tagswell watch https://trends.example --since 0 --json");
  watch.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace tagswell
