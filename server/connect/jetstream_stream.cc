#include "server/connect/jetstream_stream.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace tagswell {
namespace {

constexpr std::chrono::milliseconds kAtOnce{0};
constexpr std::chrono::minutes kAhead{1};  // of our clock; a later message says nothing about where the stream is
constexpr std::uint64_t kMicrosecondsMax = 7'258'118'400'000'000;  // kTimestampMax

std::uint64_t Microseconds(std::chrono::microseconds span) {
  return static_cast<std::uint64_t>(span.count());
}

Timestamp TimeOf(std::uint64_t microseconds) {
  return Timestamp{Duration{static_cast<std::int64_t>(microseconds / 1000)}};
}

std::uint64_t NumberIn(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::optional<std::uint64_t> JetstreamTimeOf(std::string_view message) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::uint64_t microseconds = 0;
  if (parser.parse(message.data(), message.size()).get(root) != simdjson::SUCCESS ||
      root.at_pointer("/time_us").get(microseconds) != simdjson::SUCCESS || microseconds > kMicrosecondsMax) {
    return std::nullopt;
  }
  return microseconds;
}

JetstreamStream::JetstreamStream(WebAddress address, const Clock& clock, const Interruption& interruption,
                                 OnStreamGap on_gap, JetstreamOptions options)
    : address_(std::move(address)),
      clock_(clock),
      on_gap_(std::move(on_gap)),
      options_(std::move(options)),
      client_({.ca_file = options_.ca_file}, interruption) {
  if (!address_.has_path()) address_.target.insert(1, "subscribe");
  if (!address_.has_query()) address_.target += "?wantedCollections=app.bsky.feed.post";
}

std::expected<void, StreamFault> JetstreamStream::Open(const std::optional<StreamPosition>& from) {
  WebAddress address = address_;
  newest_us_ = from ? NumberIn(from->cursor) : 0;
  expected_us_.reset();
  silent_ = {};
  if (newest_us_ > 0) {
    expected_us_ = newest_us_;
    address.target += fmt::format("&cursor={}", newest_us_ - std::min(newest_us_, Microseconds(options_.rewind)));
  }
  const auto answer = client_.Open(address);
  if (!answer) return std::unexpected(StreamFault{.error = answer.error()});
  if (answer->status == 101) return {};
  return std::unexpected(StreamFault{.error = {"refused", fmt::format("{} answers {}", address_.host, answer->status)},
                                     .is_busy = answer->status == 429 || answer->status >= 500,
                                     .retry_after = answer->retry_after});
}

std::expected<void, StreamFault> JetstreamStream::Read(StreamBatch& batch, std::chrono::milliseconds patience) {
  const Stopwatch waited;
  auto message = client_.Read(patience);
  if (message && !*message) {
    silent_ += std::chrono::duration<double>(waited.Seconds());
    if (silent_ < options_.idle_max) return {};
    client_.Close();
    return std::unexpected(StreamFault{
        .error = {"silent", fmt::format("{} was silent for {} s", address_.host, options_.idle_max.count())}});
  }
  while (message && *message) {
    silent_ = {};
    Take(**message, batch);
    if (batch.full()) return {};
    message = client_.Read(kAtOnce);
  }
  if (!message) return std::unexpected(StreamFault{.error = message.error()});
  return {};
}

void JetstreamStream::Take(std::string_view message, StreamBatch& batch) {
  batch.Append(message);
  const auto time_us = JetstreamTimeOf(message);
  if (!time_us || TimeOf(*time_us) > clock_.Now() + kAhead) return;
  if (expected_us_ && *time_us > *expected_us_) TellGap(*time_us);
  expected_us_.reset();
  newest_us_ = std::max(newest_us_, *time_us);
  batch.position = StreamPosition{.cursor = std::to_string(newest_us_), .time = TimeOf(newest_us_)};
}

void JetstreamStream::TellGap(std::uint64_t first_us) {
  on_gap_({.from = TimeOf(*expected_us_),
           .to = TimeOf(first_us),
           .what = address_.host + " keeps nothing older, so what was posted then is missing"});
}

}  // namespace tagswell
