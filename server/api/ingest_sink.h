// Takes lines of posts into a stream of this process on the way that POST /v1/posts goes: the same limits of the
// stream, the same admission, the same log. Where a client would be told to come again later, it waits.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "proto/error.h"
#include "proto/post_format.h"
#include "server/api/api_context.h"
#include "server/api/ingest_report.h"
#include "server/client/interruption.h"
#include "server/client/retry_policy.h"
#include "server/connector_metrics.h"
#include "server/pipeline/pipeline.h"

namespace tagswell {

// One thread.
class IngestSink {
 public:
  // Everything outlives the sink. `name` is for the log.
  IngestSink(std::string name, ApiContext& api, Pipeline& pipeline, ConnectorMetrics& metrics,
             const Interruption& interruption);

  // Returns once the lines are on the disk, whatever the fsync policy. After an interruption they are offered once, and
  // a commit is waited for only a moment. Error: interrupted, and then they may be there or not.
  std::expected<void, Error> Take(std::string_view lines, PostFormat format);

 private:
  std::expected<void, Error> TakeOnce(std::string_view lines, PostFormat format);
  std::expected<void, Error> TakeHalves(std::string_view lines, PostFormat format, const Error& too_large);
  std::expected<Committed, Error> Commit(PostBatch batch, std::shared_ptr<const void> let_in);
  void Tell(const IngestReport& report);

  const std::string name_;
  ApiContext& api_;
  Pipeline& pipeline_;
  ConnectorMetrics& metrics_;
  const Interruption& interruption_;
  RetryPolicy retry_;
  std::chrono::seconds asked_{0};  // by a rate limit
  std::string waits_for_;          // the code that was told; empty: posts are taken
};

}  // namespace tagswell
