#include "server/commands/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "server/commands/archive_reader.h"
#include "server/plain_words.h"

namespace tagswell {
namespace {

// Large enough that the cost of a batch is spread thin, small enough that trends show while they happen.
constexpr std::size_t kLinesMax = 5'000;
constexpr double kShowSeconds = 0.1;
constexpr int kBarColumns = 24;

std::uint64_t LinesIn(std::string_view text) {
  const auto newlines = static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
  return newlines + (text.empty() || text.ends_with('\n') ? 0 : 1);
}

}  // namespace

Replay::Replay(PostSink& sink, std::optional<PostFormat> format, std::optional<double> speed, Console& console,
               const Interruption& interruption)
    : sink_(sink), format_(format), console_(console), interruption_(interruption) {
  if (speed) pacer_.emplace(*speed);
}

std::expected<void, Error> Replay::Play(const std::string& file) {
  auto reader = ArchiveReader::Open(file);
  if (!reader) return std::unexpected(reader.error());
  std::optional<PostFormat> format = format_;
  while (!interruption_.happened()) {
    Stretch stretch{.begin = reader->progress(), .end = {}};
    const auto chunk = reader->Next(kLinesMax);
    if (!chunk) return std::unexpected(chunk.error());
    if (chunk->lines.empty()) return {};
    stretch.end = reader->progress();
    if (!format) format = sniffer_.FormatOfLines(chunk->lines);
    if (auto passed = Pass(*chunk, format.value_or(PostFormat::kTagswell), file, stretch); !passed) return passed;
  }
  return std::unexpected(Error{"interrupted", "interrupted"});
}

std::expected<void, Error> Replay::Pass(ArchiveChunk chunk, PostFormat format, const std::string& file,
                                        const Stretch& stretch) {
  const auto bytes = static_cast<double>(chunk.lines.size());
  while (!chunk.lines.empty()) {
    Pacer::Due due{chunk.lines.size(), {}};
    if (pacer_) {
      due = pacer_->Next(chunk.lines, std::chrono::milliseconds(static_cast<std::int64_t>(seconds() * 1000)),
                         [&](std::string_view line) { return clock_.TimeOf(line, format); });
    }
    const ArchiveChunk now{chunk.lines.substr(0, due.bytes), chunk.first_line};
    if (!now.lines.empty()) {
      if (auto taken = sink_.Take(now, format); !taken) return taken;
    }
    const std::uint64_t count = LinesIn(now.lines);
    lines_ += count;
    chunk = {chunk.lines.substr(due.bytes), chunk.first_line + count};
    std::optional<double> progress;
    if (stretch.begin && stretch.end)
      progress = std::lerp(*stretch.end, *stretch.begin, static_cast<double>(chunk.lines.size()) / bytes);
    ShowProgress(file, progress);
    if (due.wait.count() > 0 && interruption_.WaitFor(due.wait)) {
      return std::unexpected(Error{"interrupted", "interrupted"});
    }
  }
  return {};
}

void Replay::ShowProgress(const std::string& file, std::optional<double> progress) {
  if (!console_.shows_progress() || shown_.Seconds() < kShowSeconds) return;
  shown_.Restart();
  const std::string counted =
      fmt::format("{} lines, {}/s", Grouped(lines_), Roughly(static_cast<double>(lines_) / seconds()));
  if (!progress) return console_.ShowProgress(fmt::format("{}  {}", file, counted));
  const int full = static_cast<int>(*progress * kBarColumns);
  console_.ShowProgress(fmt::format("{}  [{:=<{}}{:{}}] {:3.0f} %  {}", file, "", full, "", kBarColumns - full,
                                    *progress * 100, counted));
}

}  // namespace tagswell
