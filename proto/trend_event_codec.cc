// The stored forms of trend events and boards: protobuf messages of proto/tagswell.proto.
#include "proto/tagswell.pb.h"
#include "proto/trend_event.h"

namespace tagswell {
namespace {

std::int64_t Milliseconds(Timestamp at) {
  return at.time_since_epoch().count();
}
Timestamp FromMilliseconds(std::int64_t ms) {
  return Timestamp{Duration{ms}};
}

Explanation FromMessage(const v1::Explanation& from) {
  Explanation why{.baseline = from.baseline(),
                  .interval_minutes = from.interval_minutes(),
                  .posts = from.posts(),
                  .authors = from.authors(),
                  .expected_authors = from.expected_authors(),
                  .surprise = from.surprise(),
                  .bar = from.bar(),
                  .suppressions = {}};
  for (const v1::Suppression& suppression : from.suppressions()) {
    why.suppressions.push_back({.name = suppression.name(), .authors_removed = suppression.authors_removed()});
  }
  return why;
}

void ToMessage(const Explanation& why, v1::Explanation& to) {
  to.set_baseline(why.baseline);
  to.set_interval_minutes(why.interval_minutes);
  to.set_posts(why.posts);
  to.set_authors(why.authors);
  to.set_expected_authors(why.expected_authors);
  to.set_surprise(why.surprise);
  to.set_bar(why.bar);
  for (const Suppression& suppression : why.suppressions) {
    v1::Suppression& added = *to.add_suppressions();
    added.set_name(suppression.name);
    added.set_authors_removed(suppression.authors_removed);
  }
}

void ToMessage(const TrendEvent& event, v1::TrendEvent& to) {
  to.set_seq(event.seq);
  to.set_type(static_cast<v1::TrendEvent::Type>(event.type));
  to.set_time_ms(Milliseconds(event.time));
  to.set_trend(event.trend);
  to.set_topic(event.topic);
  to.set_display(event.display);
  to.set_scope(event.scope);
  to.set_rank(event.rank);
  if (event.previous_rank) to.set_previous_rank(*event.previous_rank);
  to.set_score(event.score);
  to.set_window(event.window);
  to.set_observed_posts(event.observed_posts);
  to.set_observed_authors(event.observed_authors);
  to.set_expected_authors(event.expected_authors);
  to.set_started_at_ms(Milliseconds(event.started_at));
  ToMessage(event.why, *to.mutable_explanation());
  if (event.milestone) {
    v1::Milestone& milestone = *to.mutable_milestone();
    milestone.set_counted(event.milestone->counted);
    milestone.set_count(event.milestone->count);
    milestone.set_source(event.milestone->source);
    if (event.milestone->since_first_post)
      milestone.set_since_first_post_ms(event.milestone->since_first_post->count());
    if (event.milestone->counted_from) milestone.set_counted_from_ms(Milliseconds(*event.milestone->counted_from));
  }
  if (event.first_post) {
    v1::PostRef& post = *to.mutable_first_post();
    post.set_source(event.first_post->source);
    post.set_id(event.first_post->id);
    post.set_author(event.first_post->author);
    post.set_created_at_ms(Milliseconds(event.first_post->created_at));
  }
  to.set_reason(event.reason);
}

TrendEvent FromMessage(const v1::TrendEvent& from) {
  TrendEvent event{.seq = from.seq(),
                   .type = static_cast<TrendEventType>(from.type()),
                   .time = FromMilliseconds(from.time_ms()),
                   .trend = from.trend(),
                   .topic = from.topic(),
                   .display = from.display(),
                   .scope = from.scope(),
                   .rank = from.rank(),
                   .previous_rank = {},
                   .score = from.score(),
                   .window = from.window(),
                   .observed_posts = from.observed_posts(),
                   .observed_authors = from.observed_authors(),
                   .expected_authors = from.expected_authors(),
                   .started_at = FromMilliseconds(from.started_at_ms()),
                   .why = FromMessage(from.explanation()),
                   .milestone = {},
                   .first_post = {},
                   .reason = from.reason()};
  if (from.has_previous_rank()) event.previous_rank = from.previous_rank();
  if (from.has_milestone()) {
    const v1::Milestone& milestone = from.milestone();
    event.milestone =
        Milestone{.counted = milestone.counted(), .count = milestone.count(), .source = milestone.source()};
    if (milestone.has_counted_from_ms()) {
      event.milestone->counted_from = FromMilliseconds(milestone.counted_from_ms());
    } else {  // what is 0 was not written
      event.milestone->since_first_post = Duration{milestone.since_first_post_ms()};
    }
  }
  if (from.has_first_post()) {
    event.first_post = PostRef{.source = from.first_post().source(),
                               .id = from.first_post().id(),
                               .author = from.first_post().author(),
                               .created_at = FromMilliseconds(from.first_post().created_at_ms())};
  }
  return event;
}

}  // namespace

std::string EncodeEvent(const TrendEvent& event) {
  v1::TrendEvent to;
  ToMessage(event, to);
  return to.SerializeAsString();
}

std::expected<TrendEvent, Error> DecodeEvent(std::string_view bytes) {
  v1::TrendEvent from;
  if (!from.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !v1::TrendEvent::Type_IsValid(from.type())) {
    return std::unexpected(Error{.code = "corrupt_event", .detail = "the bytes are no trend event"});
  }
  return FromMessage(from);
}

std::string EncodeBoard(std::span<const TrendRow> rows) {
  v1::Board to;
  for (const TrendRow& row : rows) {
    v1::Board::Row& added = *to.add_rows();
    ToMessage(row.state, *added.mutable_state());
    added.mutable_state()->clear_scope();
    added.set_peak_at_ms(Milliseconds(row.peak_at));
    added.set_peak_authors_1h(row.peak_authors_1h);
    if (row.first_since) added.set_first_since_ms(Milliseconds(*row.first_since));
  }
  return to.SerializeAsString();
}

std::expected<std::vector<TrendRow>, Error> DecodeBoard(std::string_view bytes, std::string_view scope) {
  v1::Board from;
  if (!from.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return std::unexpected(Error{.code = "corrupt_board", .detail = "the bytes are no board"});
  }
  std::vector<TrendRow> rows;
  for (const v1::Board::Row& row : from.rows()) {
    TrendRow& added = rows.emplace_back(TrendRow{.state = FromMessage(row.state()),
                                                 .peak_at = FromMilliseconds(row.peak_at_ms()),
                                                 .peak_authors_1h = row.peak_authors_1h(),
                                                 .first_since = {}});
    added.state.scope = scope;
    if (row.has_first_since_ms()) added.first_since = FromMilliseconds(row.first_since_ms());
  }
  return rows;
}

}  // namespace tagswell
