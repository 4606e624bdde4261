// Plays posts into a running server: batches over POST /v1/posts, in order, each until it is acknowledged.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "server/client/http_client.h"
#include "server/client/retry_policy.h"
#include "server/commands/post_sink.h"

namespace tagswell {

class ServerSink final : public PostSink {
 public:
  // Hears why the server does not take the posts, before each wait.
  using OnWait = std::function<void(const std::string& why)>;

  // `client` and `interruption` outlive the sink.
  ServerSink(HttpClient& client, const Interruption& interruption, OnRejected on_rejected,
             RetryPolicy retry = RetryPolicy(), OnWait on_wait = {})
      : client_(client),
        interruption_(interruption),
        on_rejected_(std::move(on_rejected)),
        retry_(std::move(retry)),
        on_wait_(std::move(on_wait)) {}

  // Waits out 429 and 503 as the server asks; and a server that cannot be reached, or has another fault of its own
  // (5xx), until the retry policy gives up: by default for ten seconds. What is too large for the server (413) is sent
  // in halves; a line that is so by itself is rejected. A batch that is sent twice is counted once. Errors:
  // unreachable, refused (any other status), bad_report, interrupted.
  std::expected<void, Error> Take(const ArchiveChunk& chunk, const PostForm& form) override;

  // What is acknowledged will be counted; the server's own counting is not waited for.
  std::expected<ReplayTotals, Error> Finish() override { return totals_; }

  const ReplayTotals& totals() const { return totals_; }  // so far

 private:
  std::expected<void, Error> TakeHalves(const ArchiveChunk& chunk, const PostForm& form);
  std::expected<HttpAnswer, Error> PostUntilAnswered(std::string_view lines, const PostForm& form);
  std::expected<void, Error> AddReport(const HttpAnswer& answer, std::uint64_t first_line);

  HttpClient& client_;
  const Interruption& interruption_;
  OnRejected on_rejected_;
  RetryPolicy retry_;
  OnWait on_wait_;
  ReplayTotals totals_;
};

}  // namespace tagswell
