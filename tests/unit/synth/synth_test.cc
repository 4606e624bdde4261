#include "server/synth/synth.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <sstream>

namespace tagswell {
namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

constexpr Timestamp At(unsigned day, hours hour) {
  return std::chrono::sys_days{std::chrono::year{2017} / std::chrono::October / std::chrono::day{day}} + hour;
}
constexpr Timestamp kOrigin = At(15, 20h) + 21min + 45s;

bool Has(const SynthPost& post, std::string_view needle) {
  std::string folded = post.text;
  std::ranges::transform(folded, folded.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return folded.find(needle) != std::string::npos;
}

std::vector<SynthPost> Draw(double scale, std::uint64_t seed) {
  auto synth = Synth::Create("metoo", {.scale = scale, .seed = seed});
  EXPECT_TRUE(synth.has_value());
  std::vector<SynthPost> posts;
  while (auto post = synth->Next()) posts.push_back(std::move(*post));
  return posts;
}

// What the public record says, counted from the stream alone.
struct Record {
  int sunday = 0;
  int peak_hour = 0;
  int morning_hours = 0;  // 12:00 to 17:00Z on Sunday
  int day_after_origin = 0;
  int bare_replies = 0;
  std::set<std::string> second_network;
  std::map<std::int64_t, int> by_hour;
};

Record Count(const std::vector<SynthPost>& posts, const std::string& origin_id) {
  Record record;
  for (const SynthPost& post : posts) {
    const Timestamp at = post.created_at;
    if (post.source == "facebook" && (Has(post, "#metoo") || Has(post, "me too")) && at < kOrigin + 12h) {
      record.second_network.insert(post.author);
    }
    if (post.source != "twitter") continue;
    if (post.in_reply_to == origin_id && !Has(post, "#")) ++record.bare_replies;
    if (!Has(post, "#metoo")) continue;
    ++record.by_hour[std::chrono::floor<hours>(at).time_since_epoch().count()];
    record.sunday += at >= At(15, 0h) && at < At(16, 0h);
    record.peak_hour += at >= At(16, 1h) && at < At(16, 2h);
    record.morning_hours += at >= At(15, 12h) && at < At(15, 17h);
    record.day_after_origin += at >= kOrigin && at < kOrigin + 24h;
  }
  return record;
}

const SynthPost& Origin(const std::vector<SynthPost>& posts) {
  return *std::ranges::find(posts, std::string_view("Alyssa_Milano"), &SynthPost::author);
}

class MetooAtScale : public testing::TestWithParam<std::pair<int, std::uint64_t>> {};

TEST_P(MetooAtScale, KeepsThePublicFiguresToWithinOnePost) {
  const auto [scale, seed] = GetParam();
  const auto posts = Draw(scale, seed);
  const Record record = Count(posts, Origin(posts).id);
  EXPECT_NEAR(record.sunday, 109'000 / scale, 1);
  EXPECT_NEAR(record.peak_hour, 83'500 / scale, 1);
  EXPECT_NEAR(record.morning_hours, 5 * 18 / scale, 1);
  EXPECT_NEAR(record.day_after_origin, 500'000 / scale, 1);
  EXPECT_NEAR(record.bare_replies, 64'000 / scale, 1);
  EXPECT_NEAR(static_cast<double>(record.second_network.size()), 70'000 / scale, 1);
  for (const auto& [hour, count] : record.by_hour) EXPECT_LE(count, record.peak_hour) << "hour " << hour;
}

INSTANTIATE_TEST_SUITE_P(Scales, MetooAtScale,
                         testing::Values(std::pair{20, std::uint64_t{1}}, std::pair{20, std::uint64_t{7}},
                                         std::pair{5, std::uint64_t{1}}, std::pair{100, std::uint64_t{3}}));

TEST(Synth, DrawsInOrderOfTimeWithDistinctIds) {
  const auto posts = Draw(20, 1);
  EXPECT_GT(posts.size(), 90'000U);
  std::set<std::string> ids;
  Timestamp last = posts.front().created_at;
  for (const SynthPost& post : posts) {
    EXPECT_GE(post.created_at, last);
    last = post.created_at;
    ids.insert(post.id);
    EXPECT_LT(post.author_created_at, post.created_at);
  }
  EXPECT_EQ(ids.size(), posts.size());
  EXPECT_GE(posts.front().created_at, At(13, 0h));
  EXPECT_LT(last, kOrigin + 24h);
}

TEST(Synth, StartsTheWaveWithTheOriginPostAndRepliesOnlyAfterIt) {
  const auto posts = Draw(20, 1);
  const SynthPost& origin = Origin(posts);
  EXPECT_EQ(FormatTimestamp(origin.created_at), "2017-10-15T20:21:45Z");
  EXPECT_EQ(origin.source, "twitter");
  EXPECT_EQ(origin.country, "US");
  EXPECT_TRUE(Has(origin, "me too"));
  for (const SynthPost& post : posts) {
    if (post.in_reply_to.empty()) continue;
    EXPECT_EQ(post.in_reply_to, origin.id);
    EXPECT_GE(post.created_at, origin.created_at);
  }
}

TEST(Synth, LetsTheFrenchTagBeginInFranceTwoDaysBefore) {
  const auto posts = Draw(20, 1);
  const auto first = std::ranges::find_if(posts, [](const SynthPost& p) { return Has(p, "#balancetonporc"); });
  ASSERT_NE(first, posts.end());
  EXPECT_EQ(first->country, "FR");
  EXPECT_EQ(first->lang, "fr");
  EXPECT_LT(first->created_at, At(14, 0h));
}

TEST(Synth, LetsPeopleOfTheWaveUseItsFrenchSisterAndASupplementToo) {
  std::set<std::string> wave;
  std::set<std::string> french;
  int with_supplement = 0;
  int supplement_alone = 0;
  for (const SynthPost& post : Draw(20, 1)) {
    if (Has(post, "#metoo")) wave.insert(post.author);
    if (Has(post, "#balancetonporc")) french.insert(post.author);
    if (!Has(post, "#wetoo")) continue;
    EXPECT_GE(post.created_at, At(16, 8h));
    ++(Has(post, "#metoo") ? with_supplement : supplement_alone);
  }
  const auto both = std::ranges::count_if(french, [&](const std::string& author) { return wave.contains(author); });
  EXPECT_GT(both, 100);
  EXPECT_LT(static_cast<std::size_t>(both), french.size() / 2);
  EXPECT_GT(with_supplement, 100);
  EXPECT_GT(supplement_alone, 100);
}

TEST(Synth, ReachesMoreCountriesAsTheWaveGoesOn) {
  std::set<std::string> first_hour;
  std::set<std::string> first_day;
  for (const SynthPost& post : Draw(20, 1)) {
    if (!Has(post, "#metoo") || post.created_at < kOrigin) continue;
    first_day.insert(post.country);
    if (post.created_at < kOrigin + 1h) first_hour.insert(post.country);
  }
  EXPECT_TRUE(first_hour.contains("US"));
  EXPECT_LT(first_hour.size(), 7U);
  EXPECT_GT(first_day.size(), 15U);
}

TEST(Synth, WritesTheSameBytesForTheSameSeedAndOthersForAnother) {
  const auto text = [](std::uint64_t seed) {
    std::ostringstream out;
    EXPECT_TRUE(WriteScenario("metoo", {.scale = 200, .seed = seed}, out).has_value());
    return out.str();
  };
  EXPECT_EQ(text(1), text(1));
  EXPECT_NE(text(1), text(2));
}

TEST(Synth, WritesOneObjectALine) {
  SynthPost post{.id = "1",
                 .source = "twitter",
                 .author = "ada",
                 .created_at = kOrigin,
                 .text = "say \"hi\" #a",
                 .lang = "en",
                 .country = "",
                 .in_reply_to = "",
                 .author_followers = 7,
                 .author_created_at = At(1, 0h)};
  std::string line;
  AppendJsonLine(post, line);
  EXPECT_EQ(line,
            "{\"id\":\"1\",\"source\":\"twitter\",\"author\":\"ada\",\"created_at\":\"2017-10-15T20:21:45Z\","
            "\"text\":\"say \\\"hi\\\" #a\",\"lang\":\"en\",\"author_followers\":7,"
            "\"author_created_at\":\"2017-10-01T00:00:00Z\"}\n");
}

TEST(Synth, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Synth::Create("nothing", {}).error().code, "unknown_scenario");
  EXPECT_EQ(Synth::Create("metoo", {.scale = 0}).error().code, "bad_scale");
}

}  // namespace
}  // namespace tagswell
