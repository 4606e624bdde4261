#include "server/commands/server_sink.h"

#include <simdjson.h>

#include <optional>

#include "server/clock.h"
#include "server/plain_words.h"

namespace tagswell {
namespace {

constexpr long kTooLarge = 413;

const char* ContentTypeOf(BodyShape shape) {
  if (shape == BodyShape::kProtobuf) return "application/x-protobuf";
  return shape == BodyShape::kCloudEventLines ? "application/cloudevents+ndjson" : "application/x-ndjson";
}

}  // namespace

std::expected<void, Error> ServerSink::Take(const ArchiveChunk& chunk, const PostForm& form) {
  const auto answer = PostUntilAnswered(chunk.lines, form);
  if (!answer) return std::unexpected(answer.error());
  if (answer->status == kTooLarge) return TakeHalves(chunk, form);
  return AddReport(*answer, chunk.first_line);
}

std::expected<void, Error> ServerSink::TakeHalves(const ArchiveChunk& chunk, const PostForm& form) {
  const Pieces pieces = form.shape == BodyShape::kProtobuf ? Pieces::kRecords : Pieces::kLines;
  const auto halves = HalvesOf(pieces, chunk.lines);
  if (!halves) {
    ++totals_.rejected;
    on_rejected_({.line = chunk.first_line, .error = {"body_too_large", "the server takes no line of this size"}});
    return {};
  }
  if (auto taken = Take({.lines = halves->front, .first_line = chunk.first_line}, form); !taken) return taken;
  return Take({.lines = halves->back, .first_line = chunk.first_line + CountPieces(pieces, halves->front)}, form);
}

std::expected<HttpAnswer, Error> ServerSink::PostUntilAnswered(std::string_view lines, const PostForm& form) {
  const std::string path = "/v1/posts?format=" + std::string(Name(form.format));
  std::optional<Stopwatch> failing;
  while (true) {
    auto answer = client_.Post(path, ContentTypeOf(form.shape), lines);
    if (!answer && answer.error().code != "unreachable") return answer;
    if (answer && answer->status != 429 && answer->status < 500) {
      retry_.AfterSuccess();
      return answer;
    }
    const bool busy = answer && (answer->status == 429 || answer->status == 503);
    if (!failing) failing.emplace();
    const auto wait =
        retry_.AfterFailure(busy ? RetryPolicy::Failure::kBusy : RetryPolicy::Failure::kUnreachable,
                            std::chrono::milliseconds(static_cast<std::int64_t>(failing->Seconds() * 1000)),
                            busy ? answer->retry_after : std::nullopt);
    if (!wait) return answer;
    if (on_wait_) on_wait_(answer ? RefusalText(*answer) : answer.error().detail);
    if (interruption_.WaitFor(*wait)) return std::unexpected(Error{"interrupted", "interrupted"});
  }
}

std::expected<void, Error> ServerSink::AddReport(const HttpAnswer& answer, std::uint64_t first_line) {
  if (answer.status < 200 || answer.status >= 300) return std::unexpected(Error{"refused", RefusalText(answer)});
  simdjson::dom::parser parser;
  simdjson::dom::element report;
  const auto count = [&](std::string_view pointer) {
    std::uint64_t value = 0;
    return report.at_pointer(pointer).get(value) == simdjson::SUCCESS ? value : 0;
  };
  std::uint64_t accepted = 0;
  if (parser.parse(answer.body.data(), answer.body.size()).get(report) != simdjson::SUCCESS ||
      report.at_pointer("/accepted").get(accepted) != simdjson::SUCCESS) {
    return std::unexpected(Error{"bad_report", client_.url() + " does not answer like a tagswell server"});
  }
  totals_.accepted += accepted;
  totals_.duplicates += count("/duplicates");
  totals_.retracted += count("/retracted");
  totals_.ignored += count("/ignored");
  totals_.rejected += count("/rejected");
  simdjson::dom::array errors;
  if (report.at_pointer("/errors").get(errors) != simdjson::SUCCESS) return {};
  for (const simdjson::dom::element error : errors) {
    std::uint64_t line = 0;
    std::string_view code;
    std::string_view detail;
    if (error.at_pointer("/line").get(line) != simdjson::SUCCESS ||
        error.at_pointer("/code").get(code) != simdjson::SUCCESS ||
        error.at_pointer("/detail").get(detail) != simdjson::SUCCESS) {
      continue;
    }
    on_rejected_({.line = first_line + line - 1, .error = {Printable(code), Printable(detail)}});
  }
  return {};
}

}  // namespace tagswell
