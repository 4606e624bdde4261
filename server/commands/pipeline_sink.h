// Plays posts into a pipeline of this process, on event time.
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "proto/trend_event.h"
#include "server/commands/post_sink.h"
#include "server/config/config.h"

namespace tagswell {

class PipelineSink final : public PostSink {
 public:
  // Called for every event in order, on a thread of the pipeline.
  using OnEvent = std::function<void(const TrendEvent&, std::string_view epoch)>;

  // Without `data_dir` the store is a temporary one that goes with the sink and is never synced.
  // Errors: those of Pipeline::Open, and no_temporary_directory.
  static std::expected<std::unique_ptr<PipelineSink>, Error> Open(const Config& config,
                                                                  const std::optional<std::filesystem::path>& data_dir,
                                                                  OnEvent on_event, OnRejected on_rejected);
  ~PipelineSink() override;

  std::expected<void, Error> Take(const ArchiveChunk& chunk, const PostForm& form) override;
  std::expected<ReplayTotals, Error> Finish() override;

 private:
  struct State;
  explicit PipelineSink(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
