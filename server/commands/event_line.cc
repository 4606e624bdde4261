#include "server/commands/event_line.h"

#include <fmt/format.h>

#include "server/plain_words.h"

namespace tagswell {
namespace {

constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kDim = "\x1b[2m";

std::string_view ColourOf(TrendEventType type) {
  switch (type) {
    case TrendEventType::kStarted:
      return "\x1b[1;32m";
    case TrendEventType::kMilestone:
      return "\x1b[1;33m";
    case TrendEventType::kEnded:
    case TrendEventType::kRetracted:
      return kDim;
    case TrendEventType::kRank:
    case TrendEventType::kPeaked:
      break;
  }
  return "\x1b[1m";
}

std::string MilestoneText(const TrendEvent& event) {
  if (!event.milestone) return "reached a milestone in " + event.scope;
  const Milestone& milestone = *event.milestone;
  const std::string where = milestone.source.empty() ? event.scope : milestone.source;
  std::string text = fmt::format("reached {} {} in {}", Grouped(milestone.count),
                                 milestone.counted == "authors" ? "people" : milestone.counted, where);
  if (milestone.counted_from) text += " within " + SpanText(event.time - *milestone.counted_from);
  return text;
}

std::string WhatHappened(const TrendEvent& event) {
  switch (event.type) {
    case TrendEventType::kStarted:
      return "started trending in " + event.scope;
    case TrendEventType::kRank:
      if (event.rank == 0) return "left the board of " + event.scope;
      return event.previous_rank
                 ? fmt::format("went from {} to {} in {}", *event.previous_rank, event.rank, event.scope)
                 : fmt::format("came in at {} in {}", event.rank, event.scope);
    case TrendEventType::kMilestone:
      return MilestoneText(event);
    case TrendEventType::kPeaked:
      return "peaked in " + event.scope;
    case TrendEventType::kEnded:
      return fmt::format("stopped trending in {} after {}", event.scope, SpanText(event.time - event.started_at));
    case TrendEventType::kRetracted:
      return (event.reason == "blocked" ? "was blocked in " : "was taken back in ") + event.scope;
  }
  return {};
}

std::string HowMany(const TrendEvent& event) {
  if (event.observed_authors == 0) return {};
  return fmt::format("{} {} {}, {} expected", Grouped(event.observed_authors),
                     event.observed_authors == 1 ? "person" : "people", LastText(event.window),
                     Roughly(event.expected_authors));
}

}  // namespace

std::string EventLine(const TrendEvent& event, bool colours) {
  const auto painted = [colours](std::string_view colour, const std::string& text) {
    return colours && !text.empty() ? fmt::format("{}{}{}", colour, text, kReset) : text;
  };
  const std::string happened = Printable(WhatHappened(event));
  std::string line =
      fmt::format("{}  {}  {}", painted(kDim, MinuteText(event.time)), painted(ColourOf(event.type), ShownTopic(event)),
                  event.type == TrendEventType::kEnded ? painted(kDim, happened) : happened);
  if (const std::string many = HowMany(event); !many.empty()) line += "  " + many;
  if (event.rank > 0 && event.type != TrendEventType::kRank) line += fmt::format("  (rank {})", event.rank);
  return line;
}

std::string ShownTopic(const TrendEvent& event) {
  return "#" + Printable(event.display.empty() ? event.topic : event.display);
}

std::string DayText(Timestamp at) {
  return FormatTimestamp(at).substr(0, 10);
}

std::string MinuteText(Timestamp at) {
  return FormatTimestamp(at).substr(11, 5);
}

}  // namespace tagswell
