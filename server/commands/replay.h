// Plays archives into a sink: reads, paces, shows how far it is, and counts.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/formats/format_sniffer.h"
#include "proto/post_form.h"
#include "server/client/interruption.h"
#include "server/clock.h"
#include "server/commands/archive_reader.h"
#include "server/commands/console.h"
#include "server/commands/line_clock.h"
#include "server/commands/pacer.h"
#include "server/commands/post_sink.h"

namespace tagswell {

struct ReplayForm {
  std::optional<BodyShape> shape;
  std::optional<PostFormat> format;

  // "auto", a format, "cloudevents" (of any format), "protobuf". Nothing: none of these.
  static std::optional<ReplayForm> FromName(std::string_view name);
  static std::string Names();  // for messages
};

class Replay {
 public:
  // `form`: how the posts are written; what it leaves open is as the first line that shows it says, for each file.
  // `speed`: times real speed; nothing: as fast as it goes. All outlive the replay.
  Replay(PostSink& sink, const ReplayForm& form, std::optional<double> speed, Console& console,
         const Interruption& interruption);

  // Plays one file ("-": standard input) to its end. Errors: those of the reader and the sink, interrupted.
  std::expected<void, Error> Play(const std::string& file);

  std::uint64_t lines() const { return lines_; }
  double seconds() const { return watch_.Seconds(); }  // since construction

 private:
  // How much of a file is read, 0..1, where a chunk begins and ends. Nothing when its size is unknown.
  struct Stretch {
    std::optional<double> begin;
    std::optional<double> end;
  };
  std::expected<void, Error> Pass(ArchiveChunk chunk, Pieces pieces, const PostForm& form, const std::string& file,
                                  const Stretch& stretch);
  std::optional<PostForm> FormOf(const ArchiveChunk& chunk, Pieces pieces);
  void ShowProgress(const std::string& file, std::optional<double> progress);

  PostSink& sink_;
  const ReplayForm form_;
  FormatSniffer sniffer_;
  std::optional<Pacer> pacer_;
  LineClock clock_;
  Console& console_;
  const Interruption& interruption_;
  Stopwatch watch_;
  Stopwatch shown_;  // since the progress was drawn
  std::uint64_t lines_ = 0;
};

}  // namespace tagswell
