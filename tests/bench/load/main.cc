// tagswell_load MODE --port P [--pid PID] ...: a load generator cheap enough that the server's CPU dominates.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <map>

#include "tests/bench/load/ingest_run.h"
#include "tests/bench/load/post_pool.h"
#include "tests/bench/load/subscribe_run.h"

namespace {

// A socket each for thousands of subscribers.
void RaiseFileLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  using tagswell::load::Mode;
  tagswell::load::IngestOptions ingest;
  tagswell::load::SubscribeOptions subscribe;
  std::int64_t seconds = 10;
  std::uint64_t posts = 100'000;
  std::uint32_t hours = 1;
  CLI::App app("Load for a tagswell server; prints one JSON line a figure.");
  app.require_subcommand(1);

  const auto common = [&](CLI::App* command) {
    command->add_option("--port", ingest.port)->required();
    command->add_option("--pid", ingest.pid, "the server's process, for its CPU and memory");
    command->add_option("--seconds", seconds)->check(CLI::Range(1, 36'000));
    command->add_option("--label", ingest.label);
  };
  const std::map<std::string, Mode> modes = {
      {"http-ndjson", Mode::kHttpNdjson}, {"http-single", Mode::kHttpSingle}, {"ws", Mode::kWebSocket}};
  for (const auto& [name, mode] : modes) {
    CLI::App* command = app.add_subcommand(name);
    common(command);
    command->add_option("--connections", ingest.connections)->check(CLI::Range(1, 10'000));
    if (mode != Mode::kHttpSingle) command->add_option("--batch", ingest.batch)->check(CLI::Range(1, 50'000));
    if (mode == Mode::kWebSocket) command->add_option("--window", ingest.window)->check(CLI::Range(1, 100'000));
    command->add_option("--rate", ingest.rate, "posts a second; 0: flat out");
    command->add_option("--tags", ingest.tags);
    command->add_option("--authors", ingest.authors)->check(CLI::Range(1, 1'000'000));
    command->add_option("--seed", ingest.seed);
    command->add_flag("--synthetic", ingest.synthetic_time, "event time from 2024-01-01 instead of now");
  }
  CLI::App* events = app.add_subcommand("subscribe");
  common(events);
  events->add_option("--subscribers", subscribe.subscribers)->check(CLI::Range(1, 60'000));
  events->add_option("--stopped", subscribe.stopped, "further ones that do not read")->check(CLI::Range(0, 60'000));
  CLI::App* dump =
      app.add_subcommand("dump", "the same posts on standard output, spread over hours from 2024-01-01, for others");
  dump->add_option("--posts", posts);
  dump->add_option("--hours", hours);
  dump->add_option("--tags", ingest.tags);
  dump->add_option("--seed", ingest.seed);
  CLI11_PARSE(app, argc, argv);

  RaiseFileLimit();
  if (dump->parsed()) {
    tagswell::load::PostPool pool({.tags = ingest.tags, .seed = ingest.seed, .run = "00000000"});
    std::string lines;
    for (std::uint64_t i = 0; i < posts; ++i) {
      if (i % 1000 == 0) {
        pool.SetTime(std::chrono::system_clock::time_point{std::chrono::seconds{1'704'067'200 + i * 3600 * hours / posts}});
        std::fwrite(lines.data(), 1, lines.size(), stdout);
        lines.clear();
      }
      pool.Append(lines);
    }
    std::fwrite(lines.data(), 1, lines.size(), stdout);
    return 0;
  }
  if (events->parsed()) {
    subscribe.port = ingest.port;
    subscribe.pid = ingest.pid;
    subscribe.seconds = std::chrono::seconds{seconds};
    subscribe.label = ingest.label;
    return tagswell::load::RunSubscribe(subscribe) ? 0 : 1;
  }
  ingest.seconds = std::chrono::seconds{seconds};
  ingest.mode = modes.at(app.get_subcommands().front()->get_name());
  if (ingest.mode == Mode::kHttpSingle) ingest.batch = 1;
  return tagswell::load::RunIngest(ingest) ? 0 : 1;
}
