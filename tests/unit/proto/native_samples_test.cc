// Real messages of every platform, where they are at hand: each is accepted, or refused for the right reason, and the
// topics are the hashtags that the platform itself names.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "proto/tag_key.h"
#include "tests/unit/proto/format_fixture.h"
#include "tests/unit/proto/shared_data.h"

namespace tagswell {
namespace {

namespace dom = simdjson::dom;
using TopicSet = std::set<std::string>;

class NativeSamples : public FormatFixture {
 protected:
  NativeSamples(PostFormat format, const std::string& folder)
      : FormatFixture(format), folder_(SharedData("native") / folder) {}

  void SetUp() override {
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << "reference data is absent: " << folder_;
  }

  std::string Sample(const std::string& name) const { return ReadFile(folder_ / name); }
  dom::element Dom(const std::string& json) { return dom_.parse(json).value(); }

  // What our own rules find in a text.
  TopicSet InText(std::string_view text) {
    Arena arena;
    std::vector<Mention> mentions;
    resolver_.FromText(text, arena, mentions);
    TopicSet topics;
    for (const Mention& mention : mentions) topics.emplace(mention.topic);
    return topics;
  }
  static TopicSet SetOf(const Post& post) {
    TopicSet topics;
    for (const Mention& mention : post.mentions) topics.emplace(mention.topic);
    return topics;
  }

  const std::filesystem::path folder_;
  dom::parser dom_;
};

class TwitterV1Samples : public NativeSamples {
 protected:
  TwitterV1Samples() : NativeSamples(PostFormat::kTwitterV1, "twitter_v1") {}

  static TopicSet Named(dom::element tweet) {
    TopicSet topics;
    for (const dom::element hashtag : tweet["entities"]["hashtags"].get_array()) {
      topics.insert(TagKey(std::string_view(hashtag["text"])));
    }
    return topics;
  }
  static dom::element Said(dom::element tweet) {
    dom::element original;
    return tweet["retweeted_status"].get(original) == simdjson::SUCCESS ? original : tweet;
  }
};

TEST_F(TwitterV1Samples, HaveTheHashtagsThatTwitterNames) {
  for (const char* name : {"twitter.json", "twitterescaped.json"}) {
    const std::string json = Sample(name);
    ParsedBody body = Json(json);
    EXPECT_EQ(body.rejected, 0U);
    const std::vector<Post>& posts = PostsOf(std::move(body));
    std::size_t tweets = 0;
    std::size_t agreed = 0;
    std::size_t i = 0;
    for (const dom::element tweet : Dom(json)["statuses"].get_array()) {
      ASSERT_LT(i, posts.size());
      EXPECT_EQ(posts[i].id, std::string_view(tweet["id_str"]));
      EXPECT_EQ(SetOf(posts[i]), Named(Said(tweet)));
      ++i;
      // And our own rules find the same in every text, the originals' among them.
      ++tweets;
      agreed += InText(std::string_view(tweet["text"])) == Named(tweet) ? 1 : 0;
      if (tweet["retweeted_status"].error() != simdjson::SUCCESS) continue;
      ++tweets;
      agreed += InText(std::string_view(Said(tweet)["text"])) == Named(Said(tweet)) ? 1 : 0;
    }
    EXPECT_EQ(posts.size(), 100U);
    EXPECT_EQ(tweets, 173U);
    EXPECT_EQ(agreed, 173U);
  }
}

TEST_F(TwitterV1Samples, AreAllAccepted) {
  for (const auto& [name, posts] : std::map<std::string, std::size_t>{
           {"twitter_api_compact_response.json", 2}, {"twitter_api_response.json", 2}, {"twitter_timeline.json", 20}}) {
    const std::string json = Sample(name);
    ParsedBody body = Json(json);
    EXPECT_EQ(body.rejected, 0U) << name;
    const std::vector<Post>& read = PostsOf(std::move(body));
    ASSERT_EQ(read.size(), posts) << name;
    std::size_t i = 0;
    for (const dom::element tweet : Dom(json).get_array()) {
      dom::element hashtags;
      if (Said(tweet)["entities"]["hashtags"].get(hashtags) == simdjson::SUCCESS) {
        EXPECT_EQ(SetOf(read[i]), Named(Said(tweet))) << name << " " << i;
      }
      ++i;
    }
  }
}

class TwitterV2Samples : public NativeSamples {
 protected:
  TwitterV2Samples() : NativeSamples(PostFormat::kTwitterV2, "twitter_v2") {}

  static TopicSet Named(dom::element tweet) {
    TopicSet topics;
    dom::array hashtags;
    if (tweet["entities"]["hashtags"].get(hashtags) != simdjson::SUCCESS) return topics;
    for (const dom::element hashtag : hashtags) topics.insert(TagKey(std::string_view(hashtag["tag"])));
    return topics;
  }
  static std::string_view IdOf(dom::element tweet) { return tweet["id"].get_string().value(); }

  // The tweets of a document: of a page, of a stream's object, or the document itself.
  static std::vector<dom::element> TweetsOf(dom::element document) {
    std::vector<dom::element> tweets;
    dom::element data;
    if (document["data"].get(data) != simdjson::SUCCESS) return {document};
    if (!data.is_array()) return {data};
    for (const dom::element tweet : data.get_array()) tweets.push_back(tweet);
    return tweets;
  }
  static std::map<std::string_view, dom::element> IncludedIn(dom::element document) {
    std::map<std::string_view, dom::element> included;
    dom::array tweets;
    if (document["includes"]["tweets"].get(tweets) != simdjson::SUCCESS) return included;
    for (const dom::element tweet : tweets) included.emplace(IdOf(tweet), tweet);
    return included;
  }
  // The tweet whose words `tweet` says, as far as the document has it.
  static dom::element Said(dom::element tweet, const std::map<std::string_view, dom::element>& included) {
    dom::array references;
    if (tweet["referenced_tweets"].get(references) != simdjson::SUCCESS) return tweet;
    for (const dom::element reference : references) {
      if (std::string_view(reference["type"]) != "retweeted") continue;
      if (reference["text"].error() == simdjson::SUCCESS) return reference;
      const auto original = included.find(IdOf(reference));
      if (original != included.end()) return original->second;
    }
    return tweet;
  }
};

TEST_F(TwitterV2Samples, HaveTheHashtagsThatTwitterNames) {
  std::size_t read = 0;
  std::size_t agreed = 0;  // where our rules find in the tweet's own text what Twitter does
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    std::istringstream lines(ReadFile(entry.path()));
    for (std::string line; std::getline(lines, line);) {
      dom::element document;
      if (dom_.parse(line).get(document) != simdjson::SUCCESS) continue;
      const auto included = IncludedIn(document);
      const std::vector<Post>& posts = PostsOf(Lines(line));
      std::size_t i = 0;
      for (const dom::element tweet : TweetsOf(document)) {
        std::string_view text;
        if (tweet["text"].get(text) != simdjson::SUCCESS) continue;
        ASSERT_LT(i, posts.size()) << entry.path();
        const Post& post = posts[i++];
        EXPECT_EQ(post.id, IdOf(tweet));
        EXPECT_EQ(SetOf(post), Named(Said(tweet, included))) << entry.path() << " " << post.id;
        if (entry.path().filename() == "2sets.jsonl") continue;  // two of the others once more
        agreed += InText(text) == Named(tweet) ? 1 : 0;
        ++read;
      }
      EXPECT_EQ(i, posts.size()) << entry.path();
    }
  }
  EXPECT_EQ(read, 1309U);
  // The others are retweets that Twitter has cut within a hashtag: "#Br…".
  EXPECT_EQ(agreed, 1299U);
}

TEST_F(TwitterV2Samples, AreRefusedOrIgnoredForTheRightReason) {
  const std::map<std::string, std::vector<std::string>> expected = {
      {"counts.jsonl", {"not_a_post"}},
      {"lists.jsonl", {"not_a_post"}},
      {"users.jsonl", {"not_a_post"}},
      {"streaming_output_with_error.jsonl", {"malformed_json"}}};
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const std::string name = entry.path().filename();
    const ParsedBody body = Lines(ReadFile(entry.path()));
    const auto codes = expected.find(name);
    std::set<std::string> seen;
    for (const LineError& error : body.errors) seen.insert(error.error.code);
    EXPECT_EQ(std::vector<std::string>(seen.begin(), seen.end()),
              codes == expected.end() ? std::vector<std::string>() : codes->second)
        << name;
  }
  EXPECT_EQ(Lines(Sample("streaming_output_with_error.jsonl")).batch.size(), 7U);
  const ParsedBody compliance = Lines(Sample("tweets_compliance.jsonl"));
  EXPECT_EQ(compliance.batch.Deletions(), 2U);
  EXPECT_EQ(compliance.ignored, 1U);
  EXPECT_EQ(Lines(Sample("edited_after.jsonl")).batch.changes.size(), 1U);
}

class MastodonSamples : public NativeSamples {
 protected:
  MastodonSamples() : NativeSamples(PostFormat::kMastodon, "mastodon") {}

  // Compares the topics of a body of one line with the platform's list. False: the line was no public status.
  bool Check(const std::string& line, dom::element status) {
    const std::vector<Post>& posts = PostsOf(Lines(line));
    dom::element said;
    if (status["reblog"].get(said) != simdjson::SUCCESS || !said.is_object()) said = status;
    const bool is_public = std::string_view(status["visibility"]) == "public";
    EXPECT_EQ(posts.size(), is_public ? 1U : 0U) << line.substr(0, 200);
    if (posts.empty()) return false;
    TopicSet named;
    for (const dom::element tag : said["tags"].get_array()) named.insert(TagKey(std::string_view(tag["name"])));
    EXPECT_EQ(SetOf(posts.front()), named);
    EXPECT_FALSE(posts.front().text.contains("<p>"));
    EXPECT_EQ(posts.front().id, std::string_view(status["id"]));
    return true;
  }
};

TEST_F(MastodonSamples, HaveTheTagsThatMastodonNames) {
  std::istringstream lines(Sample("mastodonpy_statuses.jsonl"));
  std::size_t statuses = 0;
  std::size_t taken = 0;
  for (std::string line; std::getline(lines, line); ++statuses) taken += Check(line, Dom(line)) ? 1 : 0;
  EXPECT_EQ(statuses, 337U);
  EXPECT_EQ(taken, 200U);  // the others are unlisted, for followers, or direct
}

TEST_F(MastodonSamples, AreReadFromTheirEnvelopes) {
  std::size_t taken = 0;
  for (int i = 1; i <= 6; ++i) {
    const std::string line = Sample("flodgatt_msg.event_txt_00" + std::to_string(i) + ".txt");
    if (i == 4) {
      const ParsedBody body = Lines(line);
      ASSERT_EQ(body.batch.changes.size(), 1U);
      EXPECT_EQ(body.batch.changes[0].key, Key("mastodon", "104061222412800865"));
      continue;
    }
    taken += Check(line, Dom(line)["payload"]) ? 1 : 0;
  }
  EXPECT_EQ(taken, 4U);  // one is unlisted
  // What stands around the message in a broker's protocol is no JSON.
  const ParsedBody framed = Lines(Sample("flodgatt_redis_input_002.resp"));
  EXPECT_EQ(framed.batch.size(), 1U);
  for (const LineError& error : framed.errors) EXPECT_EQ(error.error.code, "malformed_json");
}

class ActivityStreamsSamples : public NativeSamples {
 protected:
  ActivityStreamsSamples() : NativeSamples(PostFormat::kActivityStreams, "activitystreams") {}
};

// What becomes of a sample: topics of a post (sorted), or a code in brackets.
TEST_F(ActivityStreamsSamples, AreTakenOrRefusedForTheRightReason) {
  const std::map<std::string, std::string> unusual = {
      {"activitypub-client-post-activity", "[missing_id]"},
      {"create-chat-message", "[not_public]"},
      {"fep-e232-tag-example", "[not_public]"},
      {"mastodon-announce-private", "[not_public]"},
      {"mastodon-vote", "[not_public]"},
      {"soapbox_no_mentions_in_content", "[not_public]"},  // unlisted
      {"mastodon-delete", "[deletion]"},
      {"mastodon-delete-user", "[ignored]"},
      {"mastodon-update", "[ignored]"},    // of a person
      {"mastodon-announce", "[ignored]"},  // names its post only
      {"kroeg-announce-with-inline-actor", "[missing_created_at]"},
      {"kroeg-array-less-hashtag", "[missing_created_at]"},
      {"kroeg-post-activity", "[missing_created_at]"},
      {"wedistribute-create-article", "[missing_created_at]"},
      {"framatube.org-video", "déframasoftisons epn23 framaconf framasoft pyg"},
      {"funkwhale_create_audio", "funkwhale test tests"},
      {"mastodon-post-activity-hashtag", "moo"},
      {"mastodon-post-activity-nsfw", "nsfw"},
      {"owncast-note-with-attachment", "owncast streaming"},
      {"prismo-url-map", "meta prismo prismodev"},
      {"status.emelie", "mastocats"},
      {"video-object-mpegURL-only", "france3 lezapping"}};
  std::set<std::string> met;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    std::string name = entry.path().stem();
    name = name.substr(name.find('_') + 1);
    ParsedBody body = Json(ReadFile(entry.path()));
    std::string outcome;
    if (!body.errors.empty()) {
      outcome = "[" + body.errors[0].error.code + "]";
    } else if (body.ignored != 0) {
      outcome = "[ignored]";
    } else if (body.batch.Deletions() != 0) {
      outcome = "[deletion]";
    } else {
      const std::vector<Post>& posts = PostsOf(std::move(body));
      ASSERT_EQ(posts.size(), 1U) << name;
      for (const std::string& topic : SetOf(posts[0])) outcome += (outcome.empty() ? "" : " ") + topic;
    }
    const auto known = unusual.find(name);
    EXPECT_EQ(outcome, known == unusual.end() ? "" : known->second) << name;
    if (known != unusual.end()) met.insert(name);
  }
  EXPECT_EQ(met.size(), unusual.size());
}

class JetstreamSamples : public NativeSamples {
 protected:
  JetstreamSamples() : NativeSamples(PostFormat::kJetstream, "bluesky_jetstream") {}
};

TEST_F(JetstreamSamples, HaveTheFacetsOfTheirPosts) {
  std::size_t posts = 0;
  std::istringstream lines(Sample("expected_v1.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const dom::element message = Dom(line);
    std::string_view text;
    std::string_view collection;
    if (message["commit"]["collection"].get(collection) != simdjson::SUCCESS) collection = {};
    const ParsedBody body = Lines(line);
    EXPECT_EQ(body.rejected, 0U) << line;
    if (collection != "app.bsky.feed.post" || message["commit"]["record"]["text"].get(text) != simdjson::SUCCESS) {
      EXPECT_TRUE(body.batch.keys.empty());
      EXPECT_EQ(body.ignored + body.batch.Deletions(), 1U) << line;
      continue;
    }
    TopicSet named;
    dom::array facets;
    if (message["commit"]["record"]["facets"].get(facets) == simdjson::SUCCESS) {
      for (const dom::element facet : facets) {
        for (const dom::element feature : facet["features"].get_array()) {
          std::string_view tag;
          if (feature["tag"].get(tag) == simdjson::SUCCESS) named.insert(TagKey(tag));
        }
      }
    }
    ++posts;
    const std::vector<Post>& read = PostsOf(Lines(line));
    ASSERT_EQ(read.size(), 1U) << line;
    EXPECT_EQ(SetOf(read[0]), named) << line;
    EXPECT_EQ(InText(text), named) << line;  // our own rules agree
  }
  EXPECT_EQ(posts, 17U);
}

TEST_F(JetstreamSamples, OfEveryKindAreAcceptedOrIgnored) {
  const ParsedBody body = Lines(Sample("golden_v1.jsonl"));
  EXPECT_EQ(body.batch.size(), 1U);
  EXPECT_EQ(body.ignored, 9U);
  EXPECT_EQ(body.rejected, 0U);
}

}  // namespace
}  // namespace tagswell
