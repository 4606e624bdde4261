#include "server/commands/serve_command.h"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>

#include "server/api/run_server.h"
#include "server/commands/environment.h"
#include "server/commands/failure.h"
#include "server/config/config.h"
#include "server/logging.h"

namespace tagswell {
namespace {

struct Options {
  std::string config;
  std::map<std::string, std::string> flags;  // by key, what was given
};

int Run(const Options& options) {
  ConfigSources sources = SourcesOf(options.config);
  for (const auto& [key, text] : options.flags) sources.flags.emplace_back(key, text);
  const auto config = LoadConfig(sources, EnvironmentNames());
  if (!config) return Fail(config.error());
  ConfigureLogging(config->log_level, config->log_format);
  return RunServer(*config);
}

const std::map<std::string, std::string>& Descriptions() {
  static const std::map<std::string, std::string> descriptions = {
      {"listen", "HOST:PORT to listen at (127.0.0.1:8080)"},
      {"data", "folder of the store, made when missing (./tagswell-data)"},
      {"clock", "wall: live; event: posts alone move the time (wall)"},
      {"fsync", "always: before an answer; interval; never (always)"},
  };
  return descriptions;
}

}  // namespace

void AddServeCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App& serve = *app.add_subcommand("serve", "Run the server until SIGTERM or Ctrl-C");
  serve.add_option("--config", options->config, "TOML file; none is needed")->envname("TAGSWELL_CONFIG");
  for (const std::string& key : ConfigKeys()) {
    const auto described = Descriptions().find(key);
    const bool main = described != Descriptions().end();
    serve
        .add_option_function<std::string>(
            "--" + key, [options, key](const std::string& text) { options->flags[key] = text; },
            main ? described->second : "as in the file")
        ->group(main ? "Options" : "Every other key of the configuration");
  }
  serve.footer(
      "Flags win over the environment (TAGSWELL_LISTEN, ...), that over the file.\n"
      "Examples:\n"
      "  tagswell serve\n"
      "  tagswell serve --config /etc/tagswell.toml --listen 127.0.0.1:9000\n"
      "  tagswell serve --data /var/lib/tagswell --fsync interval");
  serve.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace tagswell
