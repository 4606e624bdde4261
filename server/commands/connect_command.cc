#include "server/commands/connect_command.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "server/clock.h"
#include "server/commands/connect/connector.h"
#include "server/commands/connect/cursor_file.h"
#include "server/commands/connect/jetstream_stream.h"
#include "server/commands/connect/mastodon_stream.h"
#include "server/commands/connect/web_socket_client.h"
#include "server/commands/console.h"
#include "server/commands/failure.h"
#include "server/commands/http_client.h"

namespace tagswell {
namespace {

constexpr std::chrono::seconds kGrace{5};  // to send what was read when a signal comes

struct Options {
  std::string platform;
  std::string url;
  std::string to = "http://127.0.0.1:8080";
  std::string token_file;
  std::string access_token_file;
  std::string cursor;
  std::string ca_file;
  int idle_s = 60;
  int report_s = 60;
};

std::expected<std::string, Error> ReadAccessToken(const std::string& file) {
  return file.empty() ? std::string() : ReadToken(file);
}

int Run(const Options& options) {
  const auto token = ReadToken(options.token_file);
  if (!token) return Fail(token.error());
  const auto access_token = ReadAccessToken(options.access_token_file);
  if (!access_token) return Fail(access_token.error());
  const auto address = ParseWebAddress(options.url);
  if (!address) return Fail(address.error());

  // Times of Jetstream hold for all of its servers, ids of statuses for one Mastodon.
  const bool is_jetstream = options.platform == "jetstream";
  std::optional<CursorFile> cursor;
  if (!options.cursor.empty()) {
    auto opened = CursorFile::Open(options.cursor, is_jetstream ? "jetstream" : "mastodon " + address->host);
    if (!opened) return Fail(opened.error());
    cursor = std::move(*opened);
  }

  Console console;
  const Interruption interruption;
  const WallClock clock;
  const auto tell = [&console](const std::string& notice) { console.PrintNotice("tagswell: " + notice); };
  const std::chrono::seconds idle_max(options.idle_s);
  WebSocketClient socket({.ca_file = options.ca_file}, interruption);
  std::unique_ptr<PlatformStream> stream;
  if (is_jetstream) {
    stream = std::make_unique<JetstreamStream>(socket, *address, clock, tell, JetstreamOptions{.idle_max = idle_max});
  } else {
    stream = std::make_unique<MastodonStream>(options.url, *access_token, clock, interruption, tell,
                                              MastodonOptions{.idle_max = idle_max, .ca_file = options.ca_file});
  }
  HttpClient server(options.to, *token, interruption, {.follow_redirects = false, .ca_file = {}, .grace = kGrace});
  std::minstd_rand generator(std::random_device{}());
  const Random jitter = [&generator] { return std::uniform_real_distribution<double>()(generator); };
  Connector connector(*stream, server, cursor ? &*cursor : nullptr, console, clock, interruption, jitter,
                      {.report_every = std::chrono::seconds(options.report_s)});
  const auto ended = connector.Run();
  return ended ? kExitOk : Fail(ended.error());
}

}  // namespace

void AddConnectCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App& connect = *app.add_subcommand("connect", "Carry a platform's stream of posts into a server");
  connect.add_option("PLATFORM", options->platform, "jetstream or mastodon")
      ->required()
      ->check(CLI::IsMember({"jetstream", "mastodon"}));
  connect
      .add_option("URL", options->url, "of the stream: wss://jetstream2.us-east.bsky.network, https://mastodon.example")
      ->required();
  connect.add_option("--to", options->to, "the tagswell server")->capture_default_str();
  connect.add_option("--token-file", options->token_file, "file with its bearer token, else $TAGSWELL_TOKEN");
  connect.add_option("--access-token-file", options->access_token_file, "file with the access token of Mastodon");
  connect.add_option("--cursor", options->cursor,
                     "file for how far the stream was carried; without it each start begins with what comes");
  connect.add_option("--ca-file", options->ca_file, "PEM of the authorities to trust with the platform's certificate");
  connect.add_option("--idle", options->idle_s, "seconds of silence before connecting again")
      ->check(CLI::Range(1, 86'400))
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
