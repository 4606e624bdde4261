#include "server/commands/top_command.h"

#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "server/client/http_client.h"
#include "server/commands/failure.h"
#include "server/commands/signal_interruption.h"
#include "server/commands/text_table.h"
#include "server/net/target.h"
#include "server/plain_words.h"

namespace tagswell {
namespace {

struct Options {
  std::string url = "http://127.0.0.1:8080";
  std::string token_file;
  std::string scope = "world";
  std::string window = "1h";
  std::string by = "authors";
  int limit = 20;
  std::string at;
};

std::string TargetOf(const Options& options) {
  std::string target = "/v1/top?scope=" + PercentEncode(options.scope) + "&window=" + PercentEncode(options.window) +
                       "&by=" + PercentEncode(options.by) + "&limit=" + std::to_string(options.limit);
  if (!options.at.empty()) target += "&at=" + PercentEncode(options.at);
  return target;
}

int PrintTop(const HttpAnswer& answer, const Options& options) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array topics;
  std::string_view at;
  if (parser.parse(answer.body.data(), answer.body.size()).get(root) != simdjson::SUCCESS ||
      root.at_pointer("/topics").get(topics) != simdjson::SUCCESS ||
      root.at_pointer("/at").get(at) != simdjson::SUCCESS) {
    return Fail(options.url + " does not answer like a tagswell server");
  }
  TextTable table({{"", true}, {"Topic"}, {"People", true}, {"Posts", true}});
  std::uint64_t rank = 0;
  for (const simdjson::dom::element topic : topics) {
    const auto text = [&](const char* pointer) {
      std::string_view value;
      return topic.at_pointer(pointer).get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
    };
    const auto count = [&](const char* pointer) {
      std::uint64_t value = 0;
      return topic.at_pointer(pointer).get(value) == simdjson::SUCCESS ? value : 0;
    };
    const std::string display = text("/display");
    table.AddRow({std::to_string(++rank), "#" + (display.empty() ? text("/topic") : display),
                  Grouped(count("/authors")), Grouped(count("/posts"))});
  }
  std::printf("%s, %s before %s\n", Printable(options.scope).c_str(), options.window.c_str(), Printable(at).c_str());
  std::fputs(rank == 0 ? "No topic.\n" : table.Text().c_str(), stdout);
  return kExitOk;
}

int Run(const Options& options) {
  const auto token = ReadToken(options.token_file);
  if (!token) return Fail(token.error());
  SignalInterruption interruption;
  HttpClient client(options.url, *token, interruption);
  const auto answer = client.Get(TargetOf(options));
  if (!answer) return Fail(answer.error());
  if (answer->status != 200) return Fail(RefusalText(*answer));
  return PrintTop(*answer, options);
}

}  // namespace

void AddTopCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App& top = *app.add_subcommand("top", "Print the most used topics");
  top.add_option("URL,--to", options->url, "the server")->capture_default_str();
  top.add_option("--scope", options->scope, "world, country:FR, lang:fr, source:twitter")->capture_default_str();
  top.add_option("--window", options->window, "5m, 1h, 6h, 12h or 24h")->capture_default_str();
  top.add_option("--by", options->by, "authors or posts")->capture_default_str();
  top.add_option("--limit", options->limit, "how many")->check(CLI::PositiveNumber)->capture_default_str();
  top.add_option("--at", options->at, "an instant of the past: 2017-10-16T00:00:00Z");
  top.add_option("--token-file", options->token_file, "file with the bearer token, else $TAGSWELL_TOKEN");
  top.footer(
      "Examples:\n"
      "  tagswell top\n"
      "  tagswell top --scope country:FR --window 24h --by posts --limit 50");
  top.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace tagswell
