// Plays archives into a sink: reads, paces, shows how far it is, and counts.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "proto/error.h"
#include "proto/formats/format_sniffer.h"
#include "proto/post_format.h"
#include "server/client/interruption.h"
#include "server/clock.h"
#include "server/commands/archive_reader.h"
#include "server/commands/console.h"
#include "server/commands/line_clock.h"
#include "server/commands/pacer.h"
#include "server/commands/post_sink.h"

namespace tagswell {

class Replay {
 public:
  // `format`: whose JSON the posts are; nothing: as the first line that shows it says, for each file.
  // `speed`: times real speed; nothing: as fast as it goes. All outlive the replay.
  Replay(PostSink& sink, std::optional<PostFormat> format, std::optional<double> speed, Console& console,
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
  std::expected<void, Error> Pass(ArchiveChunk chunk, PostFormat format, const std::string& file,
                                  const Stretch& stretch);
  void ShowProgress(const std::string& file, std::optional<double> progress);

  PostSink& sink_;
  const std::optional<PostFormat> format_;
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
