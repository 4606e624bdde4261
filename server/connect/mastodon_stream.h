// The public stream of a Mastodon server, over server-sent events. It has no past: after a lost connection the stream
// is opened first, then the statuses of the gap are fetched page by page from the public timeline, then the stream is
// read. What comes twice is counted once. Edits and deletions of the gap cannot be fetched. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/client/event_stream_parser.h"
#include "server/client/http_client.h"
#include "server/client/http_stream.h"
#include "server/client/retry_policy.h"
#include "server/clock.h"
#include "server/connect/platform_stream.h"

namespace tagswell {

struct MastodonOptions {
  std::chrono::seconds idle_max{60};  // without a byte; a server says something every 15 s
  // Of statuses that other servers sent late: their ids are as old as they are. For ids that tell their time.
  std::chrono::seconds rewind{10};
  std::uint64_t gap_statuses_max = 100'000;  // fetched of one gap; what is behind them is told as missing
  RetryOptions retry{.first = std::chrono::milliseconds(500),  // of a page
                     .longest = std::chrono::seconds(60),
                     .give_up = std::chrono::minutes(10),
                     .obeyed = std::chrono::minutes(10)};
  std::string ca_file = {};
};

// Whether the id `a` is newer than `b`: ids grow in length, then in their order as text.
bool IsNewerId(std::string_view a, std::string_view b);

// The id so much earlier; the same when it does not tell its time.
std::string RewoundId(const std::string& id, std::chrono::milliseconds by);

// A message of the stream as the envelope that format=mastodon reads; "" for what brings no post.
std::string MastodonEnvelope(const ServerSentEvent& event);

class MastodonStream final : public PlatformStream {
 public:
  // `url` is the server's address, `token` one of its access tokens. `clock` and `interruption` outlive the stream.
  MastodonStream(std::string url, std::string token, const Clock& clock, const Interruption& interruption,
                 OnStreamGap on_gap, MastodonOptions options = {});

  PostFormat format() const override { return PostFormat::kMastodon; }
  std::expected<void, StreamFault> Open(const std::optional<StreamPosition>& from) override;
  std::expected<void, StreamFault> Read(StreamBatch& batch, std::chrono::milliseconds patience) override;
  void Close() override;

 private:
  struct Gap {
    Timestamp from;
    Timestamp to;
    std::string newest_id;  // so far
    std::uint64_t statuses = 0;
  };

  std::expected<void, StreamFault> FindStreamingServer();
  std::expected<void, StreamFault> ReadLive(StreamBatch& batch, std::chrono::milliseconds patience);
  std::expected<void, StreamFault> FetchPage(StreamBatch& batch, std::chrono::milliseconds patience);
  void AfterFailedPage(const std::expected<HttpAnswer, Error>& answer);
  bool TakePage(std::string_view page, StreamBatch& batch);
  void EndGap(std::string_view why_incomplete);
  void TakeEvent(const ServerSentEvent& event, StreamBatch& batch);

  const std::string url_;
  const std::string token_;
  const Clock& clock_;
  const Interruption& interruption_;
  const OnStreamGap on_gap_;
  const MastodonOptions options_;
  HttpClient pages_;
  std::unique_ptr<HttpStream> live_;  // once its address is known
  EventStreamParser parser_;
  std::string newest_id_;
  std::optional<Gap> gap_;  // while it is being fetched
  RetryPolicy page_retry_;
  std::optional<Stopwatch> page_failing_;    // since the first failure
  std::chrono::milliseconds page_wait_{0};   // until the next try
  std::chrono::duration<double> silent_{0};  // while we waited
};

}  // namespace tagswell
