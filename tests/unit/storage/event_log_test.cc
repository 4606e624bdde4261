#include "storage/event_log.h"

#include <gtest/gtest.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <random>
#include <ranges>
#include <span>
#include <thread>

#include "storage/byte_order.h"
#include "storage/database.h"
#include "storage/meta_keys.h"
#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

std::vector<TrendEvent> Events(std::uint64_t first, std::uint64_t last) {
  std::vector<TrendEvent> events;
  for (std::uint64_t seq = first; seq <= last; ++seq) {
    TrendEvent event;
    event.seq = seq;
    event.time = StartOf(kNoon + static_cast<int>(seq / 2));  // two a minute
    event.topic = "topic " + std::to_string(seq);
    event.scope = "world";
    events.push_back(event);
  }
  return events;
}

TEST(EventLog, SkipsWhatItHasAndRefusesAGap) {
  const ScratchDir scratch;
  const StoreOptions options = SmallStore(scratch / "store");
  auto store = OpenStore(options);
  EXPECT_EQ(store->events().LastSeq(), 0U);
  ASSERT_TRUE(store->events().Append(Events(1, 10)).has_value());
  store.reset();
  store = OpenStore(options);
  EXPECT_EQ(store->events().OldestSeq(), 1U);
  EXPECT_EQ(store->events().LastSeq(), 10U);
  ASSERT_TRUE(store->events().Append(Events(5, 12)).has_value());
  EXPECT_EQ(store->events().LastSeq(), 12U);
  EXPECT_EQ(store->events().Append(Events(14, 14)).error().code, "event_gap");
  const auto all = store->events().Read(0, 100);
  ASSERT_TRUE(all.has_value());
  ASSERT_EQ(all->size(), 12U);
  for (std::uint64_t i = 0; i < 12; ++i) EXPECT_EQ((*all)[i].topic, "topic " + std::to_string(i + 1));
}

std::vector<std::uint64_t> SeqsOf(const EventLog& log, std::string_view topic, std::uint64_t since, std::size_t limit) {
  const std::string name(topic);
  const auto events = log.ReadChosen({.topics = std::span(&name, 1)}, since, limit);
  EXPECT_TRUE(events.has_value());
  std::vector<std::uint64_t> seqs;
  for (const TrendEvent& event : *events) {
    EXPECT_EQ(event.topic, topic);
    seqs.push_back(event.seq);
  }
  return seqs;
}

TEST(EventLog, ReadsTheEventsOfATopic) {
  using Seqs = std::vector<std::uint64_t>;
  const ScratchDir scratch;
  const StoreOptions options = SmallStore(scratch / "store");
  auto store = OpenStore(options);
  std::vector<TrendEvent> events = Events(1, 300);
  for (TrendEvent& event : events) event.topic = event.seq % 3 == 0 ? "rain" : event.seq % 100 == 1 ? "rai" : "rainy";
  ASSERT_TRUE(store->events().Append(events).has_value());
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(SeqsOf(store->events(), "rain", 0, 1'000).size(), 100U);
    EXPECT_EQ(SeqsOf(store->events(), "rain", 6, 2), Seqs({9, 12}));
    EXPECT_EQ(SeqsOf(store->events(), "rai", 0, 9), Seqs({1, 101}));
    EXPECT_EQ(SeqsOf(store->events(), "ra", 0, 9), Seqs());
    store.reset();
    store = OpenStore(options);
  }
  ASSERT_EQ(store->events().DropBefore(StartOf(kNoon + 100)).value(), 199U);
  EXPECT_EQ(SeqsOf(store->events(), "rain", 0, 2), Seqs({201, 204}));
  EXPECT_EQ(SeqsOf(store->events(), "rai", 0, 9), Seqs());
}

// A store that an older version wrote has events, but none under its topic; one that was used by both has some.
TEST(EventLog, ListsWhatOlderVersionsStored) {
  const ScratchDir scratch;
  const StoreOptions options = SmallStore(scratch / "store");
  std::vector<TrendEvent> events = Events(1, 2'500);
  for (TrendEvent& event : events) event.topic = event.seq % 2 == 0 ? "rain" : "sun";
  ASSERT_TRUE(OpenStore(options)->events().Append(events).has_value());
  for (const std::uint64_t listed : {0U, 700U}) {
    {
      const auto database = Database::Open(options);
      ASSERT_TRUE(database.has_value());
      rocksdb::WriteBatch batch;
      rocksdb::ColumnFamilyHandle* meta = (*database)->family(Family::kMeta);
      const rocksdb::Slice marker(kEventsListedKey.data(), kEventsListedKey.size());
      std::string upto;
      AppendBig(listed, upto);
      if (listed == 0) {
        batch.Delete(meta, marker);
        batch.DeleteRange(meta, "S", "U");
        batch.DeleteRange(meta, "Y", "Z");
      } else {
        batch.Put(meta, marker, upto);
      }
      ASSERT_TRUE((*database)->Write(batch, /*sync=*/false).has_value());
    }
    const auto store = OpenStore(options);
    EXPECT_EQ(SeqsOf(store->events(), "rain", 0, 5'000).size(), 1'250U);
    EXPECT_EQ(SeqsOf(store->events(), "sun", 2'495, 9), std::vector<std::uint64_t>({2'497, 2'499}));
    const TrendEventType started[] = {TrendEventType::kStarted};
    EXPECT_EQ(store->events().ReadChosen({.types = started}, 0, 5'000)->size(), 2'500U);
  }
  const auto store = OpenStore(options);
  ASSERT_EQ(store->events().DropBefore(StartOf(kNoon + 1'200)).value(), 2'399U);
  EXPECT_EQ(SeqsOf(store->events(), "rain", 0, 1), std::vector<std::uint64_t>({2'400}));
}

// Every choice gives what looking at each event gives.
TEST(EventLog, ReadsTheEventsOfAChoice) {
  const std::string topics[] = {"rain", "rai", "sun"};
  const std::string scopes[] = {"world", "country:FR", "country:F"};
  constexpr TrendEventType kTypes[] = {TrendEventType::kStarted, TrendEventType::kRank, TrendEventType::kRetracted};
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const ScratchDir scratch;
    const auto store = OpenStore(SmallStore(scratch / "store"));
    std::vector<TrendEvent> events = Events(1, 400);
    for (TrendEvent& event : events) {
      event.topic = topics[random() % 3];
      event.scope = scopes[random() % 20 == 0 ? 1 : 0];
      event.type = kTypes[random() % 30 == 0 ? 2 : random() % 2];
    }
    ASSERT_TRUE(store->events().Append(events).has_value());
    const auto some = [&random](const auto& of) {
      std::vector<std::ranges::range_value_t<decltype(of)>> chosen;
      for (const auto& one : of) {
        if (random() % 3 == 0) chosen.push_back(one);
      }
      return chosen;
    };
    for (int i = 0; i < 100; ++i) {
      if (i == 50) {
        ASSERT_EQ(store->events().DropBefore(StartOf(kNoon + 60)).value(), 119U);
      }
      const auto asked_topics = some(topics);
      const auto asked_scopes = some(scopes);
      const auto asked_types = some(kTypes);
      const std::uint64_t since = random() % 420;
      const std::size_t limit = 1 + random() % 50;
      const auto asks = [](const auto& asked, const auto& one) {
        return asked.empty() || std::ranges::find(asked, one) != asked.end();
      };
      std::vector<std::uint64_t> wanted;
      for (const TrendEvent& event : events) {
        if (event.seq <= since || event.seq < store->events().OldestSeq() || wanted.size() == limit) continue;
        if (asks(asked_topics, event.topic) && asks(asked_scopes, event.scope) && asks(asked_types, event.type))
          wanted.push_back(event.seq);
      }
      const auto got = store->events().ReadChosen(
          {.topics = asked_topics, .scopes = asked_scopes, .types = asked_types}, since, limit);
      ASSERT_TRUE(got.has_value());
      std::vector<std::uint64_t> seqs;
      for (const TrendEvent& event : *got) seqs.push_back(event.seq);
      EXPECT_EQ(seqs, wanted);
    }
  }
}

// Of a rare type nothing else is read: not even what cannot be read.
TEST(EventLog, PagesOfSeveralListsLoseNothingThatIsAppendedMeanwhile) {
  constexpr std::uint64_t kEvents = 20'000;
  constexpr std::uint64_t kScopes = 40;
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  std::vector<TrendEvent> events = Events(1, kEvents);
  std::vector<std::string> scopes;
  for (std::uint64_t i = 0; i < kScopes; ++i) scopes.push_back("lang:" + std::to_string(i));
  for (TrendEvent& event : events) event.scope = scopes[event.seq % kScopes];
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < kEvents; i += 4) {
      EXPECT_TRUE(store->events().Append(std::span(events).subspan(i, 4)).has_value());
    }
  });
  for (std::uint64_t seq = 0; seq < kEvents;) {
    const auto page = store->events().ReadChosen({.scopes = scopes}, seq, 1'000);
    ASSERT_TRUE(page.has_value());
    for (const TrendEvent& event : *page) {
      EXPECT_EQ(event.seq, seq + 1);
      seq = event.seq;
    }
    EXPECT_LE(seq, store->events().LastSeq());
  }
  writer.join();
}

TEST(EventLog, ReadsNoEventThatIsNotChosen) {
  const ScratchDir scratch;
  const StoreOptions options = SmallStore(scratch / "store");
  std::vector<TrendEvent> events = Events(1, 100);
  for (TrendEvent& event : events)
    event.type = event.seq % 50 == 0 ? TrendEventType::kRetracted : TrendEventType::kRank;
  ASSERT_TRUE(OpenStore(options)->events().Append(events).has_value());
  {
    const auto database = Database::Open(options);
    ASSERT_TRUE(database.has_value());
    std::string key;
    AppendBig(std::uint64_t{70}, key);
    rocksdb::WriteBatch batch;
    batch.Put((*database)->family(Family::kEvents), key, "no event");
    ASSERT_TRUE((*database)->Write(batch, /*sync=*/false).has_value());
  }
  const auto store = OpenStore(options);
  EXPECT_EQ(store->events().Read(0, 1'000).error().code, "corrupt_event");
  const TrendEventType rare[] = {TrendEventType::kRetracted};
  EXPECT_EQ(store->events().ReadChosen({.types = rare}, 0, 1'000)->size(), 2U);
  const std::string world[] = {"world"};
  EXPECT_EQ(store->events().ReadChosen({.scopes = world, .types = rare}, 0, 1'000)->size(), 2U);
}

TEST(EventLog, ReadsByCursorByRangeAndByTime) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  EXPECT_EQ(store->events().SeqAt(StartOf(kNoon)), 0U);
  ASSERT_TRUE(store->events().Append(Events(1, 20)).has_value());
  const auto page = store->events().Read(7, 3);
  ASSERT_EQ(page->size(), 3U);
  EXPECT_EQ(page->front().seq, 8U);
  EXPECT_TRUE(store->events().Read(20, 3)->empty());
  EXPECT_EQ(store->events().ReadRange(19, 99)->size(), 2U);
  EXPECT_EQ(store->events().ReadRange(0, 2)->size(), 2U);
  EXPECT_TRUE(store->events().ReadRange(3, 2)->empty());
  EXPECT_EQ(store->events().SeqAt(StartOf(kNoon - 1)), 0U);
  EXPECT_EQ(store->events().SeqAt(StartOf(kNoon)), 1U);
  EXPECT_EQ(store->events().SeqAt(StartOf(kNoon + 3)), 7U);
  EXPECT_EQ(store->events().SeqAt(kTimestampMax), 20U);
}

TEST(EventLog, DropsWhatIsOldAndGoesOnWithItsNumbers) {
  const ScratchDir scratch;
  const StoreOptions options = SmallStore(scratch / "store");
  auto store = OpenStore(options);
  EXPECT_EQ(store->events().DropBefore(kTimestampMax), 0U);
  ASSERT_TRUE(store->events().Append(Events(1, 20)).has_value());
  EXPECT_EQ(store->events().DropBefore(StartOf(kNoon)), 0U);
  EXPECT_EQ(store->events().DropBefore(StartOf(kNoon + 4)), 7U);
  EXPECT_EQ(store->events().DropBefore(StartOf(kNoon + 4)), 0U);
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(store->events().OldestSeq(), 8U);
    EXPECT_EQ(store->events().LastSeq(), 20U);
    const auto page = store->events().Read(0, 2);
    ASSERT_EQ(page->size(), 2U);
    EXPECT_EQ(page->front().seq, 8U);
    EXPECT_EQ(store->events().SeqAt(StartOf(kNoon + 3)), 0U);
    EXPECT_EQ(store->events().SeqAt(StartOf(kNoon + 4)), 9U);
    store.reset();
    store = OpenStore(options);
  }
  // The newest stays, however old: the next is numbered after it.
  EXPECT_EQ(store->events().DropBefore(kTimestampMax), 12U);
  store.reset();
  store = OpenStore(options);
  EXPECT_EQ(store->events().OldestSeq(), 20U);
  ASSERT_TRUE(store->events().Append(Events(18, 21)).has_value());
  EXPECT_EQ(store->events().Read(0, 9)->size(), 2U);
}

}  // namespace
}  // namespace tagswell
