#include "server/connect/mastodon_stream.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "proto/json_writer.h"
#include "proto/utf8.h"
#include "server/client/curl_request.h"
#include "server/net/target.h"
#include "server/plain_words.h"

namespace tagswell {
namespace {

constexpr std::string_view kStreamPath = "/api/v1/streaming/public";
constexpr int kPageStatuses = 40;             // the most that Mastodon gives
constexpr std::uint64_t kSnowflakeBits = 16;  // below the milliseconds since 1970
constexpr std::uint64_t kSnowflakeMsMin = 1'000'000'000'000;

HttpClientOptions ClientOptions(const MastodonOptions& options) {
  return {.follow_redirects = true, .ca_file = options.ca_file, .grace = {}};
}

bool IsBusy(long status) {
  return status == 429 || status >= 500;
}

StreamFault Refused(const HttpAnswer& answer, const std::string& url) {
  return {.error = {"refused", fmt::format("{} answers {}", url, answer.status)},
          .is_busy = IsBusy(answer.status),
          .retry_after = answer.retry_after};
}

std::string TextAt(std::string_view json, std::string_view pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view text;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS ||
      root.at_pointer(pointer).get(text) != simdjson::SUCCESS) {
    return {};
  }
  return std::string(text);
}

}  // namespace

bool IsNewerId(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() > b.size() : a > b;
}

std::string RewoundId(const std::string& id, std::chrono::milliseconds by) {
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (ec != std::errc() || end != id.data() + id.size() || number >> kSnowflakeBits < kSnowflakeMsMin) return id;
  return std::to_string(((number >> kSnowflakeBits) - static_cast<std::uint64_t>(by.count())) << kSnowflakeBits);
}

std::string MastodonEnvelope(const ServerSentEvent& event) {
  const bool is_status = event.type == "update" || event.type == "status.update";
  if (!is_status && event.type != "delete") return {};
  if (!IsValidUtf8(event.data)) return {};
  JsonWriter json;
  json.BeginObject();
  json.Field("event", event.type);
  json.Field("payload", event.data);
  json.EndObject();
  return json.Take();
}

MastodonStream::MastodonStream(std::string url, std::string token, const Clock& clock, const Interruption& interruption,
                               OnStreamGap on_gap, MastodonOptions options)
    : url_(WithoutTrailingSlash(std::move(url))),
      token_(std::move(token)),
      clock_(clock),
      interruption_(interruption),
      on_gap_(std::move(on_gap)),
      options_(std::move(options)),
      pages_(url_, token_, interruption, ClientOptions(options_)),
      page_retry_(options_.retry) {}

// Large servers stream from a host of its own, and name it.
std::expected<void, StreamFault> MastodonStream::FindStreamingServer() {
  const auto answer = pages_.Get("/api/v2/instance");
  if (!answer) return std::unexpected(StreamFault{.error = answer.error()});
  if (IsBusy(answer->status)) return std::unexpected(Refused(*answer, url_));
  std::string streaming = answer->status == 200 ? TextAt(answer->body, "/configuration/urls/streaming") : "";
  if (streaming.starts_with("ws")) streaming.replace(0, 2, "http");  // wss://host is https://host
  // The token goes nowhere without TLS that was asked with it.
  const bool is_fit =
      streaming.starts_with("https://") || (streaming.starts_with("http://") && url_.starts_with("http:"));
  live_ = std::make_unique<HttpStream>(is_fit ? streaming : url_, token_, interruption_, ClientOptions(options_));
  return {};
}

std::expected<void, StreamFault> MastodonStream::Open(const std::optional<StreamPosition>& from) {
  parser_ = {};
  silent_ = {};
  gap_.reset();
  page_failing_.reset();
  page_retry_.AfterSuccess();
  page_wait_ = {};
  if (!live_) {
    if (auto found = FindStreamingServer(); !found) return found;
  }
  const auto answer = live_->Open(std::string(kStreamPath), {"Accept: text/event-stream"});
  if (!answer || answer->status != 200) {
    const std::string url = live_->url();
    live_.reset();  // perhaps it streams from another host by now
    return std::unexpected(answer ? Refused(*answer, url) : StreamFault{.error = answer.error()});
  }
  if (!from) return {};
  newest_id_ = from->cursor;
  gap_ = Gap{.from = from->time, .to = clock_.Now(), .newest_id = RewoundId(from->cursor, options_.rewind)};
  return {};
}

void MastodonStream::Close() {
  if (live_) live_->Close();
}

std::expected<void, StreamFault> MastodonStream::Read(StreamBatch& batch, std::chrono::milliseconds patience) {
  return gap_ ? FetchPage(batch, patience) : ReadLive(batch, patience);
}

std::expected<void, StreamFault> MastodonStream::ReadLive(StreamBatch& batch, std::chrono::milliseconds patience) {
  const Stopwatch waited;
  auto bytes = live_->Read(patience);
  if (!bytes) return std::unexpected(StreamFault{.error = bytes.error()});
  if (!bytes->empty()) {
    silent_ = {};
    if (parser_.Feed(*bytes, [&](const ServerSentEvent& event) { TakeEvent(event, batch); })) return {};
    Close();
    return std::unexpected(StreamFault{.error = {"unreachable", live_->url() + " sent an event of unreasonable size"}});
  }
  silent_ += std::chrono::duration<double>(waited.Seconds());
  if (silent_ < options_.idle_max) return {};
  Close();
  return std::unexpected(
      StreamFault{.error = {"silent", fmt::format("{} was silent for {} s", live_->url(), options_.idle_max.count())}});
}

void MastodonStream::TakeEvent(const ServerSentEvent& event, StreamBatch& batch) {
  const std::string envelope = MastodonEnvelope(event);
  if (envelope.empty()) return;
  batch.Append(envelope);
  if (event.type == "update") {
    const std::string id = TextAt(event.data, "/id");
    if (IsNewerId(id, newest_id_)) newest_id_ = id;
  }
  if (!newest_id_.empty()) batch.position = StreamPosition{.cursor = newest_id_, .time = clock_.Now()};
}

// The next statuses of the gap. Each page holds those right behind `min_id`, the newest first.
std::expected<void, StreamFault> MastodonStream::FetchPage(StreamBatch& batch, std::chrono::milliseconds patience) {
  if (page_wait_.count() > 0) {
    const auto wait = std::min(page_wait_, std::max(patience, std::chrono::milliseconds(1)));
    page_wait_ -= wait;
    interruption_.WaitFor(wait);
    return {};
  }
  const auto answer = pages_.Get(
      fmt::format("/api/v1/timelines/public?limit={}&min_id={}", kPageStatuses, PercentEncode(gap_->newest_id)));
  if (!answer && answer.error().code == "interrupted") return std::unexpected(StreamFault{.error = answer.error()});
  if (!answer || answer->status != 200) {
    AfterFailedPage(answer);
    return {};
  }
  page_failing_.reset();
  page_retry_.AfterSuccess();
  if (!TakePage(answer->body, batch)) {
    EndGap("");
  } else if (gap_->statuses >= options_.gap_statuses_max) {
    EndGap("more than " + Grouped(options_.gap_statuses_max) + " were posted");
  }
  return {};
}

void MastodonStream::AfterFailedPage(const std::expected<HttpAnswer, Error>& answer) {
  if (!page_failing_) page_failing_.emplace();
  const auto failing_for = std::chrono::milliseconds(static_cast<std::int64_t>(page_failing_->Seconds() * 1000));
  const bool can_mend = !answer || IsBusy(answer->status);
  if (!can_mend || failing_for >= options_.retry.give_up) {
    return EndGap(answer ? fmt::format("the server answers {}", answer->status) : answer.error().detail);
  }
  page_wait_ =
      *page_retry_.AfterFailure(RetryPolicy::Failure::kBusy, failing_for, answer ? answer->retry_after : std::nullopt);
}

// False: it is the last one, or no page at all.
bool MastodonStream::TakePage(std::string_view page, StreamBatch& batch) {
  simdjson::dom::parser parser;
  simdjson::dom::array statuses;
  if (parser.parse(page.data(), page.size()).get(statuses) != simdjson::SUCCESS || statuses.size() == 0) return false;
  const std::string begin = gap_->newest_id;
  for (const simdjson::dom::element status : statuses) {
    std::string_view id;
    if (status.at_pointer("/id").get(id) == simdjson::SUCCESS && IsNewerId(id, gap_->newest_id)) gap_->newest_id = id;
  }
  if (gap_->newest_id == begin) return false;
  batch.Append(page, statuses.size());
  gap_->statuses += statuses.size();
  if (IsNewerId(gap_->newest_id, newest_id_)) newest_id_ = gap_->newest_id;
  // The time stays that of the gap's begin until all of it is there.
  batch.position = StreamPosition{.cursor = newest_id_, .time = gap_->from};
  return true;
}

void MastodonStream::EndGap(std::string_view why_incomplete) {
  on_gap_({.from = gap_->from,
           .to = gap_->to,
           .what = Grouped(gap_->statuses) + " statuses fetched; " +
                   (why_incomplete.empty()
                        ? "edits and deletions of that time are not known"
                        : fmt::format("those behind {} are missing, because {}", gap_->newest_id, why_incomplete))});
  gap_.reset();
}

}  // namespace tagswell
