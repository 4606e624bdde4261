#include "server/commands/connect_command.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "server/client/http_client.h"
#include "server/clock.h"
#include "server/commands/connect_report.h"
#include "server/commands/console.h"
#include "server/commands/failure.h"
#include "server/commands/server_sink.h"
#include "server/commands/signal_interruption.h"
#include "server/connect/connector.h"
#include "server/connect/cursor_file.h"
#include "server/connect/platforms.h"

namespace tagswell {
namespace {

constexpr std::chrono::seconds kGrace{5};  // to send what was read when a signal comes
// Of the server: it is waited for as long as it takes.
constexpr RetryOptions kServerRetry{.first = std::chrono::milliseconds(100),
                                    .longest = std::chrono::seconds(5),
                                    .give_up = std::chrono::hours(24 * 365)};

struct Options {
  ConnectSettings platform;
  std::string to = "http://127.0.0.1:8080";
  std::string token_file;
  std::string cursor;
  int report_s = 60;
};

int Run(const Options& options) {
  const auto token = ReadToken(options.token_file);
  if (!token) return Fail(token.error());
  Console console;
  SignalInterruption interruption;
  const WallClock clock;
  ConnectReport report(console, clock, std::chrono::seconds(options.report_s));
  const auto stream = MakePlatformStream(options.platform, clock, interruption,
                                         [&report](const StreamGap& gap) { report.TellGap(gap); });
  if (!stream) return Fail(stream.error());
  std::optional<CursorFile> cursor;
  if (!options.cursor.empty()) {
    auto opened = CursorFile::Open(options.cursor, CursorOwner(options.platform));
    if (!opened) return Fail(opened.error());
    cursor = std::move(*opened);
  }

  std::minstd_rand generator(std::random_device{}());
  const Random jitter = [&generator] { return std::uniform_real_distribution<double>()(generator); };
  HttpClient server(options.to, *token, interruption, {.follow_redirects = false, .ca_file = {}, .grace = kGrace});
  ServerSink sink(
      server, interruption, [&report](const LineError& error) { report.CountRejected(error); },
      RetryPolicy(kServerRetry, jitter), [&report](const std::string& why) { report.TellWait(why); });
  const LineSink take = [&sink, &report](std::string_view lines, PostFormat format) {
    auto taken = sink.Take({.lines = lines, .first_line = 1}, {.format = format});
    if (taken) report.CountTaken(sink.totals());
    return taken;
  };
  Connector connector(**stream, take, cursor ? &*cursor : nullptr, report, interruption, jitter);
  const auto ended = connector.Run();
  report.TellTotals();
  return ended ? kExitOk : Fail(ended.error());
}

}  // namespace

void AddConnectCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App& connect = *app.add_subcommand("connect", "Carry a platform's stream of posts into a server");
  connect.add_option("PLATFORM", options->platform.platform, "jetstream or mastodon")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>(kPlatforms.begin(), kPlatforms.end())));
  connect
      .add_option("URL", options->platform.url,
                  "of the stream: wss://jetstream2.us-east.bsky.network, https://mastodon.example")
      ->required();
  connect.add_option("--to", options->to, "the tagswell server")->capture_default_str();
  connect.add_option("--token-file", options->token_file, "file with its bearer token, else $TAGSWELL_TOKEN");
  connect.add_option("--access-token-file", options->platform.access_token_file,
                     "file with the access token of Mastodon");
  connect.add_option("--cursor", options->cursor,
                     "file for how far the stream was carried; without it each start begins with what comes");
  connect.add_option("--ca-file", options->platform.ca_file,
                     "PEM of the authorities to trust with the platform's certificate");
  connect.add_option("--idle", options->platform.idle_seconds, "seconds of silence before connecting again")
      ->check(CLI::Range(1U, ConnectSettings::kIdleSecondsMax))
      ->capture_default_str();
  connect.add_option("--report", options->report_s, "seconds from one line of progress to the next; 0: none")
      ->check(CLI::Range(0, 86'400))
      ->capture_default_str();
  connect.footer(
      "Examples:\n"
      "  tagswell connect jetstream wss://jetstream2.us-east.bsky.network --cursor bluesky.cursor\n"
      "  tagswell connect mastodon https://mastodon.example --access-token-file token --cursor mastodon.cursor");
  connect.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace tagswell
