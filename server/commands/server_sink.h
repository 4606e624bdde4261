// Plays posts into a running server: batches over POST /v1/posts, in order, each until it is acknowledged.
#pragma once

#include <memory>
#include <string>

#include "server/commands/http_client.h"
#include "server/commands/post_sink.h"
#include "server/commands/retry_policy.h"

namespace tagswell {

class ServerSink final : public PostSink {
 public:
  // `client` and `interruption` outlive the sink.
  ServerSink(HttpClient& client, const Interruption& interruption, OnRejected on_rejected)
      : client_(client), interruption_(interruption), on_rejected_(std::move(on_rejected)) {}

  // Waits out 429 and 503 as the server asks, and a server that cannot be reached for ten seconds. A batch that is sent
  // twice is counted once. Errors: unreachable, refused (any other status), bad_report, interrupted.
  std::expected<void, Error> Take(const ArchiveChunk& chunk, PostFormat format) override;

  // What is acknowledged will be counted; the server's own counting is not waited for.
  std::expected<ReplayTotals, Error> Finish() override { return totals_; }

 private:
  std::expected<HttpAnswer, Error> PostUntilAnswered(std::string_view lines, PostFormat format);
  std::expected<void, Error> AddReport(const HttpAnswer& answer, std::uint64_t first_line);

  HttpClient& client_;
  const Interruption& interruption_;
  OnRejected on_rejected_;
  RetryPolicy retry_;
  ReplayTotals totals_;
};

}  // namespace tagswell
