#include "server/commands/event_json.h"

#include <simdjson.h>

namespace tagswell {
namespace {

namespace dom = simdjson::dom;

std::string TextAt(const dom::element& from, std::string_view pointer) {
  std::string_view text;
  return from.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::uint64_t CountAt(const dom::element& from, std::string_view pointer) {
  std::uint64_t count = 0;
  return from.at_pointer(pointer).get(count) == simdjson::SUCCESS ? count : 0;
}

double NumberAt(const dom::element& from, std::string_view pointer) {
  double number = 0;
  return from.at_pointer(pointer).get(number) == simdjson::SUCCESS ? number : 0;
}

Timestamp TimeAt(const dom::element& from, std::string_view pointer) {
  return ParseTimestamp(TextAt(from, pointer)).value_or(kTimestampMin);
}

}  // namespace

std::expected<TrendEvent, Error> EventFromJson(std::string_view json) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS || !root.is_object()) {
    return std::unexpected(Error{"malformed_json", "the event is no JSON object"});
  }
  const auto type = TrendEventTypeFromName(TextAt(root, "/type"));
  const auto time = ParseTimestamp(TextAt(root, "/time"));
  TrendEvent event;
  event.topic = TextAt(root, "/topic");
  event.scope = TextAt(root, "/scope");
  if (!type || !time || event.topic.empty() || event.scope.empty()) {
    return std::unexpected(Error{"bad_event", "the event lacks a known type, its time, topic or scope"});
  }
  event.type = *type;
  event.time = *time;
  event.seq = CountAt(root, "/seq");
  event.trend = TextAt(root, "/trend");
  event.display = TextAt(root, "/display");
  event.rank = static_cast<std::uint32_t>(CountAt(root, "/rank"));
  if (const auto rank = CountAt(root, "/previous_rank"); rank > 0)
    event.previous_rank = static_cast<std::uint32_t>(rank);
  event.score = NumberAt(root, "/score");
  event.window = TextAt(root, "/window");
  event.observed_posts = CountAt(root, "/observed/posts");
  event.observed_authors = CountAt(root, "/observed/authors");
  event.expected_authors = NumberAt(root, "/expected/authors");
  event.started_at = TimeAt(root, "/started_at");
  event.reason = TextAt(root, "/reason");
  if (const auto count = CountAt(root, "/milestone/count"); count > 0) {
    event.milestone = Milestone{
        .counted = TextAt(root, "/milestone/counted"),
        .count = count,
        .source = TextAt(root, "/milestone/source"),
    };
    if (const auto from = ParseTimestamp(TextAt(root, "/milestone/counted_from")))
      event.milestone->counted_from = *from;
  }
  return event;
}

}  // namespace tagswell
