#include "trend/topic_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/unit/trend/saved.h"

namespace tagswell {
namespace {

TEST(TopicTable, EqualsAMapThroughInternAndErase) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    TopicTable table;
    std::map<std::string, TopicId> naive;
    for (int step = 0; step < 40'000; ++step) {
      const std::string name = "topic" + std::to_string(random() % 9'000);
      const auto known = naive.find(name);
      if (random() % 3 == 0 && known != naive.end()) {
        table.Erase(known->second);
        naive.erase(known);
      } else {
        const TopicId id = table.Intern(name);
        if (known != naive.end()) {
          ASSERT_EQ(id, known->second);
        } else {
          ASSERT_EQ(table[id].cell.hits().size(), 0U) << "an id is used again clean";
          naive.emplace(name, id);
        }
      }
    }
    EXPECT_EQ(table.live(), naive.size());
    EXPECT_LE(table.id_limit(), 9'000U);
    for (const auto& [name, id] : naive) {
      EXPECT_EQ(table.Find(name), id);
      EXPECT_EQ(table[id].name, name);
    }
    EXPECT_EQ(table.Find("never seen"), std::nullopt);
  }
}

TEST(TopicTable, GivesTheIdOfAGoneTopicToAnother) {
  TopicTable table;
  const TopicId first = table.Intern("first");
  table[first].spellings.Add("first", "First");
  table.SummaryOf(first).posts = 9;
  table.Erase(first);
  const TopicId second = table.Intern("second");
  EXPECT_EQ(second, first);
  EXPECT_EQ(table[second].spellings.Best("second"), "");
  EXPECT_EQ(table.SummaryOf(second).posts, 0U);
  EXPECT_EQ(table.Find("first"), std::nullopt);
}

TEST(TopicTable, ComesBackFromBytesWithItsIds) {
  ScopeTable scopes;
  const ComboId combo = scopes.ComboOf("fr", "FR", "twitter");
  TopicTable table;
  for (int i = 0; i < 10'000; ++i) {
    const TopicId id = table.Intern("topic" + std::to_string(i));
    table[id].cell.Add(static_cast<std::uint64_t>(i), Minute{100 + i % 7}, combo, scopes);
    table[id].spellings.Add(table[id].name, "Topic");
    table.SummaryOf(id) = {Minute{100 + i % 7}, 1, 6};
  }
  for (int i = 0; i < 10'000; i += 3) table.Erase(*table.Find("topic" + std::to_string(i)));
  const std::string bytes = Saved(table);
  TopicTable loaded;
  StateReader in(bytes);
  loaded.Load(in);
  ASSERT_TRUE(in.ok() && in.AtEnd());
  EXPECT_EQ(loaded.live(), table.live());
  EXPECT_EQ(loaded.id_limit(), table.id_limit());
  for (int i = 0; i < 10'000; ++i) {
    const std::string name = "topic" + std::to_string(i);
    ASSERT_EQ(loaded.Find(name), table.Find(name));
    if (const auto id = table.Find(name)) {
      EXPECT_EQ(loaded[*id].spellings.Best(name), "Topic");
      EXPECT_EQ(loaded[*id].cell.hits().size(), 1U);
      EXPECT_EQ(loaded.SummaryOf(*id).scopes, 6U);
    }
  }
  EXPECT_LT(Index(loaded.Intern("a new one")), table.id_limit());
}

}  // namespace
}  // namespace tagswell
