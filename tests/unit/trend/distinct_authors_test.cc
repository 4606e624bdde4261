#include "trend/distinct_authors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

namespace tagswell {
namespace {

constexpr int kDay = 1440;

TEST(DistinctAuthors, IsExactWhileAuthorsAreFew) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    DistinctAuthors authors;
    std::map<std::uint64_t, int> naive;
    int now = 500'000;
    for (int step = 0; step < 20'000; ++step) {
      if (random() % 4 == 0) ++now;
      const std::uint64_t author = random() % 3'000 * 0x9E3779B97F4A7C15;
      const int at = now - static_cast<int>(random() % 8 == 0 ? random() % 90 : 0);
      authors.Add(author, Minute{at});
      int& seen = naive.try_emplace(author, at).first->second;
      seen = std::max(seen, at);
      if (step % 500 != 0) continue;
      authors.Expire(Minute{now - kDay});
      std::erase_if(naive, [now](const auto& entry) { return entry.second < now - kDay; });
      for (const int window : {5, 60, 360, 720, kDay}) {
        const auto expected = std::count_if(naive.begin(), naive.end(), [&](const auto& entry) { return entry.second > now - window; });
        ASSERT_EQ(authors.Count(Minute{now + 1 - window}), static_cast<std::uint64_t>(expected)) << "step " << step;
      }
    }
    EXPECT_TRUE(authors.exact());
  }
}

TEST(DistinctAuthors, LosesNothingWhenTheSketchTakesOver) {
  std::mt19937_64 random(7);
  DistinctAuthors authors;
  for (std::size_t i = 0; i < DistinctAuthors::kExactMax + 1; ++i) authors.Add(random(), Minute{100'000 + static_cast<int>(i / 10)});
  EXPECT_FALSE(authors.exact());
  EXPECT_NEAR(static_cast<double>(authors.Count(Minute{100'000})), 4097.0, 4097 * 0.02);
  EXPECT_NEAR(static_cast<double>(authors.Count(Minute{100'205})), 2047.0, 2047 * 0.03);
  EXPECT_EQ(authors.Count(Minute{100'500}), 0U);
}

TEST(DistinctAuthors, ForgetsOneAuthorWhileExact) {
  DistinctAuthors authors;
  authors.Add(1, Minute{10});
  authors.Add(2, Minute{10});
  authors.Remove(1);
  EXPECT_EQ(authors.Count(Minute{0}), 1U);
}

TEST(DistinctAuthors, ComesBackFromBytesInBothForms) {
  for (const int count : {100, 10'000}) {
    std::mt19937_64 random(3);
    DistinctAuthors authors;
    for (int i = 0; i < count; ++i) authors.Add(random(), Minute{200'000 + i % 1'000});
    std::string bytes;
    StateWriter out(bytes);
    authors.Save(out);
    DistinctAuthors loaded;
    StateReader in(bytes);
    loaded.Load(in);
    EXPECT_TRUE(in.ok() && in.AtEnd());
    for (const int from : {200'000, 200'500, 200'995}) EXPECT_EQ(loaded.Count(Minute{from}), authors.Count(Minute{from}));
  }
}

}  // namespace
}  // namespace tagswell
