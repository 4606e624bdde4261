#include "server/commands/replay_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/client/http_client.h"
#include "server/commands/console.h"
#include "server/commands/environment.h"
#include "server/commands/event_line.h"
#include "server/commands/failure.h"
#include "server/commands/pipeline_sink.h"
#include "server/commands/replay.h"
#include "server/commands/server_sink.h"
#include "server/commands/signal_interruption.h"
#include "server/commands/trend_summary.h"
#include "server/logging.h"
#include "server/plain_words.h"

namespace tagswell {
namespace {

constexpr int kRejectedTold = 5;

struct Options {
  std::vector<std::string> files;
  std::string format = "auto";
  std::optional<double> speed;
  std::string to;
  std::string token_file;
  std::string data;
  std::string events;
  std::string config;
  bool quiet = false;
};

// Tells the first lines that were no posts; the rest is only counted.
class RejectedLines {
 public:
  explicit RejectedLines(Console& console) : console_(console) {}

  void Tell(const LineError& error) {
    if (++told_ > kRejectedTold) return;
    console_.PrintNotice(fmt::format("line {}: {}: {}", error.line, error.error.code, Printable(error.error.detail)));
  }

 private:
  Console& console_;
  int told_ = 0;
};

// Writes, shows and gathers events, on the one thread that tells them. Outlives the pipeline.
class EventTaker {
 public:
  EventTaker(Console& console, bool quiet) : console_(console), quiet_(quiet), colours_(Console::Colours()) {}

  bool OpenFile(const std::string& path) {
    file_.open(path, std::ios::binary | std::ios::trunc);
    return file_.is_open();
  }

  void Take(const TrendEvent& event, std::string_view epoch) {
    if (file_.is_open()) file_ << EventToJson(event, epoch) << '\n';
    summary_.Add(event);
    if (quiet_ || event.type != TrendEventType::kStarted || event.scope != "world") return;
    console_.PrintLine(DayText(event.time) + " " + EventLine(event, colours_));
  }

  bool CloseFile() {
    if (file_.is_open()) file_.close();
    return !file_.fail();
  }
  const TrendSummary& summary() const { return summary_; }

 private:
  Console& console_;
  const bool quiet_;
  const bool colours_;
  std::ofstream file_;
  TrendSummary summary_;
};

std::string TotalsText(const ReplayTotals& totals, double seconds) {
  const std::uint64_t posts = totals.accepted + totals.duplicates;
  std::string text =
      fmt::format("{} posts in {:.1f} s ({}/s): {} duplicates, {} lines rejected", Grouped(posts), seconds,
                  Roughly(static_cast<double>(posts) / seconds), Grouped(totals.duplicates), Grouped(totals.rejected));
  if (totals.retracted > 0) text += fmt::format(", {} taken back", Grouped(totals.retracted));
  if (totals.ignored > 0) text += fmt::format(", {} ignored", Grouped(totals.ignored));
  if (totals.mentions > 0) text += fmt::format(", {} mentions", Grouped(totals.mentions));
  return text;
}

// Plays all files; prints the totals whatever comes of it. The exit code.
int Play(const Options& options, PostSink& sink, Console& console, const Interruption& interruption) {
  Replay replay(sink, ReplayForm::FromName(options.format).value_or(ReplayForm()), options.speed, console,
                interruption);
  int exit_code = kExitOk;
  for (const std::string& file : options.files) {
    const auto played = replay.Play(file);
    if (played) continue;
    console.EndProgress();
    exit_code = Fail(played.error());
    break;
  }
  const auto totals = sink.Finish();
  console.EndProgress();
  if (!totals) return Fail(totals.error());
  console.PrintNotice(TotalsText(*totals, replay.seconds()));
  if (exit_code == kExitOk && totals->accepted + totals->duplicates == 0) {
    return Fail("no post could be read: each line must hold one (jq -c '.[]' makes lines of a list)");
  }
  return exit_code;
}

int PlayToServer(const Options& options, Console& console, RejectedLines& rejected) {
  const auto token = ReadToken(options.token_file);
  if (!token) return Fail(token.error());
  SignalInterruption interruption;
  HttpClient client(options.to, *token, interruption);
  ServerSink sink(client, interruption, [&](const LineError& error) { rejected.Tell(error); });
  return Play(options, sink, console, interruption);
}

int PlayHere(const Options& options, Console& console, RejectedLines& rejected) {
  const auto config = LoadConfig(SourcesOf(options.config), EnvironmentNames());
  if (!config) return Fail(config.error());
  ConfigureLogging(std::max(config->log_level, LogLevel::kWarn), config->log_format);
  EventTaker events(console, options.quiet);
  if (!options.events.empty() && !events.OpenFile(options.events)) return Fail(options.events + " cannot be written");
  SignalInterruption interruption;
  auto sink = PipelineSink::Open(
      *config, options.data.empty() ? std::nullopt : std::optional<std::filesystem::path>(options.data),
      [&](const TrendEvent& event, std::string_view epoch) { events.Take(event, epoch); },
      [&](const LineError& error) { rejected.Tell(error); });
  if (!sink) return Fail(sink.error());
  const int exit_code = Play(options, **sink, console, interruption);
  sink->reset();
  if (!events.CloseFile()) return Fail(options.events + " could not be written to its end");
  if (exit_code != kExitOk && events.summary().empty()) return exit_code;
  const std::string trends = events.summary().Text();
  console.PrintLine(trends.empty() ? "Nothing trended." : trends.substr(0, trends.size() - 1));
  return exit_code;
}

int Run(const Options& options) {
  if (!ReplayForm::FromName(options.format)) {
    Fail("--format " + options.format + " is not known; known: " + ReplayForm::Names());
    return kExitUsage;
  }
  Console console;
  RejectedLines rejected(console);
  return options.to.empty() ? PlayHere(options, console, rejected) : PlayToServer(options, console, rejected);
}

}  // namespace

void AddReplayCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App& replay = *app.add_subcommand("replay", "Play archives of posts and print what trended");
  replay.add_option("FILE", options->files, "NDJSON or protobuf, plain, .gz or .zst; - is standard input")->required();
  replay.add_option("--format", options->format, "how the posts are written: " + ReplayForm::Names())
      ->capture_default_str();
  replay.add_option("--speed", options->speed, "times real speed, 1 is real time; without it as fast as it goes")
      ->check(CLI::PositiveNumber);
  CLI::Option* const to = replay.add_option("--to", options->to, "URL of a running server; without it in this process");
  replay.add_option("--token-file", options->token_file, "file with the bearer token for --to, else $TAGSWELL_TOKEN")
      ->needs(to);
  replay.add_option("--data", options->data, "folder of a store to keep; without it a temporary one")->excludes(to);
  replay.add_option("--events", options->events, "file for the trend events, one JSON line each")->excludes(to);
  replay.add_option("--config", options->config, "TOML file: aliases, blocks, milestones, ...")->excludes(to);
  replay.add_flag("--quiet", options->quiet, "do not show trends as they start");
  replay.footer(
      "Examples:\n"
      "  tagswell replay archive.ndjson.zst --events events.ndjson\n"
      "  tagswell synth | tagswell replay - --speed 3600\n"
      "  tagswell replay archive.ndjson.gz --to http://127.0.0.1:8080\n"
      "  curl -sN \"$TWITTER_STREAM\" | tagswell replay - --format twitter-v1");
  replay.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace tagswell
