#include "server/api/story_writer.h"

#include <chrono>
#include <optional>

#include "proto/json_writer.h"
#include "proto/post_key.h"
#include "server/api/trend_rows.h"

namespace tagswell {
namespace {

void WritePostRef(std::string_view source, std::string_view id, const std::optional<StoredPost>& stored,
                  JsonWriter& json) {
  json.Field("source", source);
  json.Field("id", id);
  if (!stored) return;
  json.Field("author", stored->record.post.author);
  json.Field("created_at", stored->record.post.created_at);
  json.Field("text", stored->record.post.text);
}

class StoryWriter {
 public:
  StoryWriter(Store& store, const AliasGroups& groups, std::string_view topic, const ShownTopics& is_shown)
      : store_(store), groups_(groups), topic_(topic), is_shown_(is_shown) {}

  std::string Write(const ToldStories::Story& story, const TopicEvents& events, const StoryNow& now) {
    const ToldStory& told = *story.told;
    json_.BeginObject();
    json_.Field("topic", topic_);
    json_.Field("display", store_.history().Display(groups_.KeyOf(topic_)));
    json_.Field("scope", now.scope);
    WriteWindows(now.windows);
    WriteTotals(told);
    WriteCurve(told);
    json_.Key("trends");
    json_.BeginArray();
    for (const TrendRow& row : now.running) WriteTrendRow(row, json_);
    json_.EndArray();
    WriteEpisodes(events, told);
    WriteMilestones(told);
    WriteToldFrom(story);
    if (told.first) {
      json_.Key("first_post");
      json_.BeginObject();
      WritePostRef(told.first->source, told.first->id, Stored(told.first->source, told.first->id), json_);
      json_.EndObject();
    }
    WriteOrigin(told);
    WriteCarriers(told);
    WriteArrivals(told);
    WriteSpellings(told);
    WriteRelated(told);
    WriteKin("successors", TopicKin::Kind::kSuccessor, told);
    WriteKin("sisters", TopicKin::Kind::kSister, told);
    json_.EndObject();
    return json_.Take();
  }

 private:
  std::optional<StoredPost> Stored(std::string_view source, std::string_view id) {
    auto found = store_.log().Find(KeyOf(source, id, store_.salt()));
    return found ? std::move(*found) : std::nullopt;
  }

  void WriteTarget(const TopicStory::Target& target) {
    json_.BeginObject();
    WritePostRef(target.source, target.id, Stored(target.source, target.id), json_);
    json_.Field("replies", target.replies);
    json_.Field("reposts", target.reposts);
    json_.EndObject();
  }

  void WriteTargets(std::string_view name, const std::vector<TopicStory::Target>& targets) {
    json_.Key(name);
    json_.BeginArray();
    for (const TopicStory::Target& target : targets) WriteTarget(target);
    json_.EndArray();
  }

  void WriteWindows(const std::vector<TopTopic>& windows) {
    json_.Key("windows");
    json_.BeginObject();
    for (std::size_t i = 0; i < kWindows.size(); ++i) {
      json_.Key(Name(kWindows[i]));
      json_.BeginObject();
      json_.Field("posts", windows.empty() ? 0 : windows[i].posts);
      json_.Field("authors", windows.empty() ? 0 : windows[i].authors);
      json_.EndObject();
    }
    json_.EndObject();
  }

  // What may be an estimate says so where it is one.
  void WriteAuthors(std::uint64_t authors, bool exact) {
    json_.Field("authors", authors);
    if (!exact) json_.Field("authors_estimated", true);
  }

  void WriteTotals(const ToldStory& told) {
    json_.Key("totals");
    json_.BeginObject();
    json_.Field("posts", told.course.posts);
    WriteAuthors(told.course.authors, told.course.authors_exact);
    if (told.first_at) json_.Field("first_at", *told.first_at);
    if (told.last_at) json_.Field("last_at", *told.last_at);
    if (told.course.posts > 0) {
      json_.Key("peak_hour");
      json_.BeginObject();
      json_.Field("time", StartOf(told.course.peak_hour));
      json_.Field("posts", told.course.peak_posts);
      WriteAuthors(told.course.peak_authors, told.course.peak_authors_exact);
      json_.EndObject();
    }
    json_.EndObject();
  }

  void WriteCurve(const ToldStory& told) {
    json_.Key("curve");
    if (!told.curve) return json_.Null();
    json_.BeginObject();
    json_.Field("step_minutes", told.curve->step_minutes);
    json_.Key("steps");
    json_.BeginArray();
    for (const HistoryStep& step : told.curve->steps) {
      json_.BeginObject();
      json_.Field("time", step.at);
      json_.Field("posts", step.posts);
      WriteAuthors(step.authors, step.authors_exact);
      json_.EndObject();
    }
    json_.EndArray();
    json_.EndObject();
  }

  // How long after the first post; nothing where the first post is not known any more.
  void WriteSince(std::string_view name, const ToldStory& told, Timestamp at) {
    if (!told.first_is_known || !told.first_at || at < *told.first_at) return;
    json_.Field(name, std::chrono::floor<std::chrono::seconds>(at - *told.first_at).count());
  }

  void WriteEpisodes(const TopicEvents& events, const ToldStory& told) {
    json_.Key("episodes");
    json_.BeginArray();
    for (const PastTrend& trend : events.trends) {
      json_.BeginObject();
      json_.Field("scope", trend.scope);
      json_.Field("started_at", trend.started_at);
      WriteSince("seconds_to_start", told, trend.started_at);
      if (trend.first_at) {
        json_.Field("first_at", *trend.first_at);
        WriteSince("seconds_to_first", told, *trend.first_at);
      }
      if (trend.ended_at) json_.Field("ended_at", *trend.ended_at);
      if (trend.retracted) json_.Field("retracted", true);
      json_.Field("peak_score", trend.peak_score);
      json_.Field("peak_authors_1h", trend.peak_authors_1h);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteMilestones(const ToldStory& told) {
    json_.Key("milestones");
    json_.BeginArray();
    for (const TopicCourse::Passed& passed : told.course.passed) {
      json_.BeginObject();
      json_.Field("time", StartOf(passed.end));
      json_.Field("counted", std::string_view(passed.of_authors ? "authors" : "posts"));
      json_.Field("count", passed.count);
      if (!passed.source.empty()) json_.Field("source", passed.source);
      if (!passed.exact) json_.Field("estimated", true);
      // Of what was dropped from the history nothing is counted: the time since then is no time since the first post.
      if (told.counted_from_first) WriteSince("seconds_since_first_post", told, StartOf(passed.end));
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteToldFrom(const ToldStories::Story& story) {
    json_.Key("told_from");
    json_.BeginObject();
    json_.Field("posts", story.told->posts);
    if (story.told->later_posts > 0) json_.Field("later_posts", story.told->later_posts);
    json_.Field("complete", story.told->complete);
    if (!story.told->complete) json_.Field("of_posts", story.told->course.posts);
    if (!story.told->course.complete) json_.Field("counted_until", StartOf(story.told->course.last + 1));
    if (const Minute start = store_.history().Start(); start > Minute{0}) json_.Field("counted_since", StartOf(start));
    if (story.as_of) json_.Field("as_of", *story.as_of);
    if (store_.log().FirstSeq() > BlockSeq{1}) {
      const auto oldest = store_.log().OldestPost();
      if (oldest && *oldest) json_.Field("kept_since", **oldest);
    }
    json_.EndObject();
  }

  void WriteOrigin(const ToldStory& told) {
    json_.Key("origin");
    if (!told.origin) return json_.Null();
    WriteTarget(*told.origin);
  }

  void WriteCarriers(const ToldStory& told) {
    json_.Key("carriers");
    json_.BeginObject();
    WriteTargets("most_replied_to", told.most_replied);
    WriteTargets("most_reposted", told.most_reposted);
    json_.Key("largest");
    json_.BeginArray();
    for (const TopicStory::Carrier& carrier : told.largest) {
      json_.BeginObject();
      json_.Field("source", carrier.source);
      json_.Field("author", carrier.author);
      json_.Field("followers", carrier.followers);
      json_.Field("posts", carrier.posts);
      json_.Field("first_at", carrier.first_at);
      json_.EndObject();
    }
    json_.EndArray();
    json_.EndObject();
  }

  void WriteRelated(const ToldStory& told) {
    json_.Key("related");
    json_.BeginArray();
    for (const ToldStory::Related& other : told.related) {
      json_.BeginObject();
      json_.Field("topic", other.topic);
      json_.Field("display", store_.history().Display(groups_.KeyOf(other.topic)));
      json_.Field("posts", other.posts);
      json_.Field("lift", other.lift);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteKin(std::string_view name, TopicKin::Kind kind, const ToldStory& told) {
    json_.Key(name);
    json_.BeginArray();
    std::size_t written = 0;
    for (const KinSearch::Found& row : told.kin) {
      if (row.kin.kind != kind || written == kStoryRowsMax || !is_shown_(row.topic)) continue;
      ++written;
      json_.BeginObject();
      json_.Field("topic", row.topic);
      json_.Field("display", store_.history().Display(groups_.KeyOf(row.topic)));
      if (!row.kin.lang.empty()) json_.Field("lang", row.kin.lang);
      json_.Field("first_at", row.kin.first_at);
      json_.Field("authors", row.kin.authors);
      json_.Field("carriers", row.kin.carriers);
      json_.Field("lift", row.kin.lift);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteSpellings(const ToldStory& told) {
    json_.Key("spellings");
    json_.BeginArray();
    for (const TopicStory::Count& spelling : told.spellings) {
      json_.BeginObject();
      json_.Field("spelling", spelling.name);
      json_.Field("posts", spelling.posts);
      json_.EndObject();
    }
    json_.EndArray();
    json_.Field("phrase_posts", told.phrase_posts);
  }

  void WriteArrivals(const ToldStory& told) {
    json_.Key("arrivals");
    json_.BeginArray();
    for (const ToldStory::Arrival& arrival : told.arrivals) {
      json_.BeginObject();
      json_.Field("scope", arrival.scope);
      json_.Field("time", arrival.first_at);
      json_.Field("posts", arrival.posts);
      WriteAuthors(arrival.authors, arrival.authors_exact);
      json_.EndObject();
    }
    json_.EndArray();
  }

  Store& store_;
  const AliasGroups& groups_;
  const std::string_view topic_;
  const ShownTopics& is_shown_;
  JsonWriter json_;
};

}  // namespace

std::string WriteStory(Store& store, const AliasGroups& groups, std::string_view topic, const ToldStories::Story& story,
                       const TopicEvents& events, const StoryNow& now, const ShownTopics& is_shown) {
  return StoryWriter(store, groups, topic, is_shown).Write(story, events, now);
}

}  // namespace tagswell
