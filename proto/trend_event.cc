#include "proto/trend_event.h"

#include <array>

#include "proto/json_writer.h"

namespace tagswell {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"started", "rank", "milestone", "peaked", "ended", "retracted"};

void WriteRank(std::uint32_t rank, JsonWriter& json) {
  if (rank == 0) {
    json.Null();
  } else {
    json.Value(rank);
  }
}

void WriteMilestone(const Milestone& milestone, Timestamp reached_at, JsonWriter& json) {
  const auto seconds = [](Duration time) { return std::chrono::floor<std::chrono::seconds>(time).count(); };
  json.BeginObject();
  json.Field("counted", std::string_view(milestone.counted));
  json.Field("count", milestone.count);
  if (!milestone.source.empty()) json.Field("source", std::string_view(milestone.source));
  if (milestone.counted_from) {
    json.Field("counted_from", *milestone.counted_from);
    json.Field("since_counted_from_s", seconds(reached_at - *milestone.counted_from));
  }
  if (milestone.since_first_post) json.Field("since_first_post_s", seconds(*milestone.since_first_post));
  json.EndObject();
}

void WritePostRef(const PostRef& post, JsonWriter& json) {
  json.BeginObject();
  json.Field("source", std::string_view(post.source));
  json.Field("id", std::string_view(post.id));
  json.Field("author", std::string_view(post.author));
  json.Field("created_at", post.created_at);
  json.EndObject();
}

}  // namespace

std::string_view Name(TrendEventType type) {
  return kNames[static_cast<std::size_t>(type)];
}

std::optional<TrendEventType> TrendEventTypeFromName(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<TrendEventType>(i);
  }
  return std::nullopt;
}

void WriteMeasures(const TrendEvent& event, JsonWriter& json) {
  json.Field("score", event.score);
  json.Field("window", std::string_view(event.window));
  json.Key("observed");
  json.BeginObject();
  json.Field("posts", event.observed_posts);
  json.Field("authors", event.observed_authors);
  json.EndObject();
  json.Key("expected");
  json.BeginObject();
  json.Field("authors", event.expected_authors);
  json.EndObject();
  if (event.started_at != Timestamp{}) json.Field("started_at", event.started_at);
}

void WriteExplanation(const Explanation& why, JsonWriter& json) {
  json.Key("explanation");
  json.BeginObject();
  json.Field("baseline", std::string_view(why.baseline));
  json.Field("interval_minutes", why.interval_minutes);
  json.Field("posts", why.posts);
  json.Field("authors", why.authors);
  json.Field("expected_authors", why.expected_authors);
  json.Field("surprise", why.surprise);
  json.Field("bar", why.bar);
  json.Key("suppressions");
  json.BeginArray();
  for (const Suppression& suppression : why.suppressions) {
    json.BeginObject();
    json.Field("name", std::string_view(suppression.name));
    json.Field("authors_removed", suppression.authors_removed);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

std::string EventToJson(const TrendEvent& event, std::string_view epoch) {
  JsonWriter json;
  json.BeginObject();
  json.Field("seq", event.seq);
  json.Field("epoch", epoch);
  json.Field("type", Name(event.type));
  json.Field("time", event.time);
  json.Field("trend", std::string_view(event.trend));
  json.Field("topic", std::string_view(event.topic));
  json.Field("display", std::string_view(event.display));
  json.Field("scope", std::string_view(event.scope));
  json.Key("rank");
  WriteRank(event.rank, json);
  json.Key("previous_rank");
  WriteRank(event.previous_rank.value_or(0), json);
  WriteMeasures(event, json);
  WriteExplanation(event.why, json);
  if (!event.reason.empty()) json.Field("reason", std::string_view(event.reason));
  if (event.milestone) {
    json.Key("milestone");
    WriteMilestone(*event.milestone, event.time, json);
  }
  if (event.first_post) {
    json.Key("first_post");
    WritePostRef(*event.first_post, json);
  }
  json.EndObject();
  return json.Take();
}

}  // namespace tagswell
