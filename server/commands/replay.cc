#include "server/commands/replay.h"

#include <fmt/format.h>

#include <cmath>

#include "server/commands/archive_reader.h"
#include "server/plain_words.h"

namespace tagswell {
namespace {

// Large enough that the cost of a batch is spread thin, small enough that trends show while they happen.
constexpr std::size_t kLinesMax = 5'000;
constexpr double kShowSeconds = 0.1;
constexpr int kBarColumns = 24;

constexpr std::string_view kAuto = "auto";
constexpr std::string_view kCloudEvents = "cloudevents";
constexpr std::string_view kProtobuf = "protobuf";

}  // namespace

std::optional<ReplayForm> ReplayForm::FromName(std::string_view name) {
  if (name == kAuto) return ReplayForm{};
  if (name == kCloudEvents) return ReplayForm{.shape = BodyShape::kCloudEventLines, .format = {}};
  if (name == kProtobuf) return ReplayForm{.shape = BodyShape::kProtobuf, .format = PostFormat::kTagswell};
  if (const auto format = PostFormatFromName(name)) return ReplayForm{.shape = BodyShape::kNdjson, .format = *format};
  return std::nullopt;
}

std::string ReplayForm::Names() {
  return fmt::format("{}, {}, {}, {}", kAuto, PostFormatNames(), kCloudEvents, kProtobuf);
}

Replay::Replay(PostSink& sink, const ReplayForm& form, std::optional<double> speed, Console& console,
               const Interruption& interruption)
    : sink_(sink), form_(form), console_(console), interruption_(interruption) {
  if (speed) pacer_.emplace(*speed);
}

std::expected<void, Error> Replay::Play(const std::string& file) {
  ArchiveReaderOptions options;
  if (form_.shape) options.pieces = *form_.shape == BodyShape::kProtobuf ? Pieces::kRecords : Pieces::kLines;
  auto reader = ArchiveReader::Open(file, options);
  if (!reader) return std::unexpected(reader.error());
  std::optional<PostForm> form;
  while (!interruption_.happened()) {
    Stretch stretch{.begin = reader->progress(), .end = {}};
    const auto chunk = reader->Next(kLinesMax);
    if (!chunk) return std::unexpected(chunk.error());
    if (chunk->lines.empty()) return {};
    stretch.end = reader->progress();
    if (!form) form = FormOf(*chunk, reader->pieces());
    const PostForm unseen{.format = PostFormat::kTagswell, .shape = form_.shape.value_or(BodyShape::kNdjson)};
    if (auto passed = Pass(*chunk, reader->pieces(), form.value_or(unseen), file, stretch); !passed) return passed;
  }
  return std::unexpected(Error{"interrupted", "interrupted"});
}

// Nothing: it does not show yet.
std::optional<PostForm> Replay::FormOf(const ArchiveChunk& chunk, Pieces pieces) {
  if (pieces == Pieces::kRecords) return PostForm{.format = PostFormat::kTagswell, .shape = BodyShape::kProtobuf};
  if (form_.format) return PostForm{.format = *form_.format, .shape = *form_.shape};
  auto form = sniffer_.FormOfLines(chunk.lines);
  if (form && form_.shape) form->shape = *form_.shape;
  return form;
}

std::expected<void, Error> Replay::Pass(ArchiveChunk chunk, Pieces pieces, const PostForm& form,
                                        const std::string& file, const Stretch& stretch) {
  const auto bytes = static_cast<double>(chunk.lines.size());
  while (!chunk.lines.empty()) {
    Pacer::Due due{chunk.lines.size(), {}};
    if (pacer_) {
      due = pacer_->Next(pieces, chunk.lines, std::chrono::milliseconds(static_cast<std::int64_t>(seconds() * 1000)),
                         [&](std::string_view line) { return clock_.TimeOf(line, form); });
    }
    const ArchiveChunk now{chunk.lines.substr(0, due.bytes), chunk.first_line};
    if (!now.lines.empty()) {
      if (auto taken = sink_.Take(now, form); !taken) return taken;
    }
    const std::uint64_t count = CountPieces(pieces, now.lines);
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
