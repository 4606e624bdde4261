#include "server/commands/score_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "server/commands/archive_reader.h"
#include "server/commands/failure.h"
#include "server/commands/series_csv.h"
#include "trend/detector_options.h"
#include "trend/series_score.h"

namespace tagswell {
namespace {

constexpr std::size_t kLinesMax = 10'000;

// Scores every line of the series behind its header; error or an empty result.
std::expected<void, Error> ScoreLines(ArchiveReader& reader) {
  SeriesScorer scorer{DetectorOptions()};
  std::string out = "timestamp,value,anomaly_score\n";
  std::optional<Timestamp> before;
  while (true) {
    const auto chunk = reader.Next(kLinesMax);
    if (!chunk) return std::unexpected(chunk.error());
    if (chunk->lines.empty()) break;
    std::string_view rest = chunk->lines;
    for (std::uint64_t number = chunk->first_line; !rest.empty(); ++number) {
      const std::size_t end = rest.find('\n');
      const std::string_view line = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      if (number == 1 || line.empty() || line == "\r") continue;
      const auto parsed = ParseSeriesLine(line);
      if (!parsed) {
        return std::unexpected(Error{parsed.error().code, fmt::format("line {}: {}", number, parsed.error().detail)});
      }
      if (before && parsed->at < *before) {
        return std::unexpected(Error{"bad_order", fmt::format("line {}: times must not go back", number)});
      }
      before = parsed->at;
      const double score = scorer.Add({.at = parsed->at, .value = parsed->value});
      out += fmt::format("{},{},{:.6g}\n", parsed->at_text, parsed->value_text, score);
    }
    std::fputs(out.c_str(), stdout);
    out.clear();
  }
  std::fputs(out.c_str(), stdout);
  return {};
}

int Run(const std::string& file) {
  auto reader = ArchiveReader::Open(file);
  if (!reader) return Fail(reader.error());
  const auto scored = ScoreLines(*reader);
  if (std::fflush(stdout) != 0) return Fail("the output refused further bytes");
  return scored ? kExitOk : Fail(scored.error());
}

}  // namespace

void AddScoreCommand(CLI::App& app, int& exit_code) {
  const auto file = std::make_shared<std::string>();
  CLI::App& score = *app.add_subcommand("score", "Run the detector over a count series in CSV");
  score.add_option("FILE", *file, "timestamp,value with a header line; - is standard input")->required();
  score.footer(
      "Writes timestamp,value,anomaly_score: 1 or more where the server would announce a trend, once for each.\n"
      "Times are RFC 3339, or 2015-02-26 21:42:53 in UTC, and do not go back.\n"
      "Example:\n"
      "  tagswell score counts.csv > scored.csv");
  score.callback([file, &exit_code] { exit_code = Run(*file); });
}

}  // namespace tagswell
