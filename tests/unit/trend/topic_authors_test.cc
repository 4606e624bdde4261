#include "trend/topic_authors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "tests/unit/trend/saved.h"

namespace tagswell {
namespace {

constexpr int kDay = 1440;
constexpr ComboId kHere{0};  // the world alone

const ScopeTable& Scopes() {
  static const ScopeTable scopes;
  return scopes;
}

const ScopeFilter& World() {
  static const ScopeFilter world(Scopes(), kWorld);
  return world;
}

TEST(TopicAuthors, IsExactWhileAuthorsAreFew) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    TopicAuthors authors;
    std::map<std::uint64_t, int> naive;
    int now = 500'000;
    for (int step = 0; step < 20'000; ++step) {
      if (random() % 4 == 0) ++now;
      const std::uint64_t author = random() % 3'000 * 0x9E3779B97F4A7C15;
      const int at = now - static_cast<int>(random() % 8 == 0 ? random() % 90 : 0);
      authors.Add(author, Minute{at}, 1, authors.PlaceOf(kHere), Scopes());
      int& seen = naive.try_emplace(author, at).first->second;
      seen = std::max(seen, at);
      if (step % 500 != 0) continue;
      authors.Expire(Minute{now - kDay});
      std::erase_if(naive, [now](const auto& entry) { return entry.second < now - kDay; });
      for (const int window : {5, 60, 360, 720, kDay}) {
        const auto expected =
            std::count_if(naive.begin(), naive.end(), [&](const auto& entry) { return entry.second > now - window; });
        ASSERT_EQ(authors.Count(World(), Minute{now + 1 - window}), static_cast<std::uint64_t>(expected))
            << "step " << step;
      }
    }
    EXPECT_TRUE(authors.exact());
  }
}

TEST(TopicAuthors, LosesNothingWhenTheSketchTakesOver) {
  std::mt19937_64 random(7);
  TopicAuthors authors;
  for (std::size_t i = 0; i < TopicAuthors::kExactMax + 1; ++i)
    authors.Add(random(), Minute{100'000 + static_cast<int>(i / 100)}, 1, authors.PlaceOf(kHere), Scopes());
  EXPECT_FALSE(authors.exact());
  EXPECT_NEAR(static_cast<double>(authors.Count(World(), Minute{100'000})), 32'769.0, 32'769 * 0.02);
  EXPECT_NEAR(static_cast<double>(authors.Count(World(), Minute{100'164})), 16'369.0, 16'369 * 0.02);
  EXPECT_EQ(authors.Count(World(), Minute{100'500}), 0U);
}

TEST(TopicAuthors, ForgetsOneAuthorWhileExact) {
  constexpr std::uint64_t kOne = 0x9E3779B97F4A7C15;
  constexpr std::uint64_t kTwo = 2 * kOne;
  TopicAuthors authors;
  authors.Add(kOne, Minute{10}, 1, authors.PlaceOf(kHere), Scopes());
  authors.Add(kTwo, Minute{10}, 1, authors.PlaceOf(kHere), Scopes());
  authors.Remove(kOne, Minute{10}, authors.PlaceOf(kHere));
  EXPECT_EQ(authors.Count(World(), Minute{0}), 1U);
}

TEST(TopicAuthors, ComesBackFromBytesInBothForms) {
  for (const int count : {100, 40'000}) {
    std::mt19937_64 random(3);
    TopicAuthors authors;
    for (int i = 0; i < count; ++i)
      authors.Add(random(), Minute{200'000 + i % 1'000}, 1, authors.PlaceOf(kHere), Scopes());
    const std::string bytes = Saved(authors);
    TopicAuthors loaded;
    StateReader in(bytes);
    loaded.Load(in);
    EXPECT_TRUE(in.ok() && in.AtEnd());
    for (const int from : {200'000, 200'500, 200'995})
      EXPECT_EQ(loaded.Count(World(), Minute{from}), authors.Count(World(), Minute{from}));
  }
}

}  // namespace
}  // namespace tagswell
