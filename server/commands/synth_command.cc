#include "server/commands/synth_command.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "server/commands/failure.h"
#include "server/synth/synth.h"

namespace tagswell {
namespace {

struct Options {
  std::string scenario = "metoo";
  std::string out = "-";
  SynthOptions synth;
};

int Run(const Options& options) {
  std::ofstream file;
  if (options.out != "-") {
    file.open(options.out, std::ios::binary | std::ios::trunc);
    if (!file) return Fail(options.out + " cannot be written");
  }
  std::ios::sync_with_stdio(false);
  const auto written = WriteScenario(options.scenario, options.synth, options.out == "-" ? std::cout : file);
  return written ? kExitOk : Fail(written.error());
}

std::string Scenarios() {
  std::string names;
  for (const std::string_view name : Synth::Scenarios()) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

}  // namespace

void AddSynthCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App& synth = *app.add_subcommand("synth", "Write a realistic stream of posts as NDJSON");
  synth.add_option("--scenario", options->scenario, "what happens: " + Scenarios())->capture_default_str();
  synth.add_option("--scale", options->synth.scale, "public figures are divided by this, 1 to 10,000")
      ->capture_default_str();
  synth.add_option("--seed", options->synth.seed, "the same seed gives the same bytes")->capture_default_str();
  synth.add_option("--out", options->out, "file, or - for standard output")->capture_default_str();
  synth.footer(
      "Examples:\n"
      "  tagswell synth --scenario metoo --scale 100 --out metoo.ndjson\n"
      "  tagswell synth | tagswell replay -");
  synth.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace tagswell
