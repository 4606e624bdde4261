// A pipeline on a store whose beginning was dropped, when no checkpoint can be used: the engine begins in the middle.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <utility>
#include <vector>

#include "server/clock.h"
#include "server/pipeline/pipeline.h"
#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/save_state.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

constexpr int kHour = 60;
constexpr int kDay = 24 * kHour;

PipelineOptions Options(const std::filesystem::path& dir) {
  PipelineOptions options;
  options.store = SmallStore(dir);
  options.clock = EngineClock::kEvent;
  options.store.stretch_posts = 300;
  options.store.retention = {.posts = std::chrono::days(7), .history = {}, .events = {}};
  return options;
}

std::unique_ptr<Pipeline> OpenPipeline(const PipelineOptions& options) {
  static const ManualClock clock(StartOf(kNoon));
  auto pipeline = Pipeline::Open(options, clock, nullptr);
  if (!pipeline) {
    ADD_FAILURE() << pipeline.error().detail;
    return nullptr;
  }
  return std::move(*pipeline);
}

void Say(Pipeline& pipeline, const std::vector<SamplePost>& posts) {
  std::promise<bool> said;
  pipeline.Submit(BatchOf(posts), [&said](std::expected<Committed, Error> done) { said.set_value(done.has_value()); });
  EXPECT_TRUE(said.get_future().get());
}

// A day of small talk, and an hour in which everybody speaks of one thing.
void SayDay(Pipeline& pipeline, int day) {
  for (int hour = 0; hour < 24; ++hour) {
    std::vector<SamplePost> posts;
    const std::string name = std::to_string(day) + "." + std::to_string(hour) + ".";
    for (int i = 0; i < 60; ++i) {
      posts.push_back({.id = name + std::to_string(i),
                       .author = "author " + std::to_string((day * 7 + hour * 13 + i * 11) % 400),
                       .minute = kNoon + day * kDay + hour * kHour + i,
                       .topics = {"talk " + std::to_string((hour + i) % 12)}});
      if (hour != 15) continue;
      for (int k = 0; k < 8; ++k) {
        posts.push_back({.id = name + std::to_string(i) + "." + std::to_string(k),
                         .author = "guest " + std::to_string(i * 8 + k),
                         .minute = posts.back().minute,
                         .topics = {"news " + std::to_string(day)}});
      }
    }
    Say(pipeline, posts);
  }
  pipeline.Drain();
}

std::vector<std::string> EventsOf(Store& store) {
  std::vector<std::string> events;
  const auto all = store.events().Read(0, 1'000'000);
  EXPECT_TRUE(all.has_value());
  for (const TrendEvent& event : *all) {
    EXPECT_EQ(event.seq, events.size() + 1);
    events.push_back(EncodeEvent(event));
  }
  return events;
}

TEST(DroppedBeginning, LeavesWhatWasToldAndNumbersWhatFollowsBehindIt) {
  const ScratchDir scratch;
  const PipelineOptions options = Options(scratch / "store");
  std::vector<std::string> told;
  {
    const auto pipeline = OpenPipeline(options);
    const BlockCall block{.topic = "spam", .by = "ops"};
    std::promise<bool> blocked;
    pipeline->ChangeBlock(block, [&blocked](auto answer) { blocked.set_value(answer.has_value()); });
    ASSERT_TRUE(blocked.get_future().get());
    for (int day = 0; day < 16; ++day) SayDay(*pipeline, day);
    pipeline->Stop();
    told = EventsOf(pipeline->store());
  }
  ASSERT_GT(told.size(), 10U);
  BlockSeq first{0};
  {
    auto store = OpenStore(options.store);
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(store->DropExpired(StartOf(kNoon + 16 * kDay)).has_value());
    first = store->log().FirstSeq();
    ASSERT_GT(first, BlockSeq{100});
    // Of another version, as it were.
    const auto last = static_cast<std::uint64_t>(store->log().LastSeq());
    AppendAndIndex(*store, {{.id = "one more", .minute = kNoon + 16 * kDay}}, kTimestampMin);
    ASSERT_TRUE(SaveState(store->checkpoints(), BlockSeq{last + 1}, "no state").has_value());
    AppendAndIndex(*store, {{.id = "and one", .minute = kNoon + 16 * kDay}}, kTimestampMin);
    ASSERT_TRUE(SaveState(store->checkpoints(), BlockSeq{last + 2}, "none either").has_value());
  }
  const auto pipeline = OpenPipeline(options);
  EXPECT_EQ(EventsOf(pipeline->store()), told);
  EXPECT_TRUE(pipeline->blocks().Find("spam").has_value());
  std::promise<EngineStats> stats;
  pipeline->Ask([&stats](const Engine& engine) { stats.set_value(engine.Stats()); });
  const std::uint64_t kept = pipeline->store().log().PostCount() -
                             *pipeline->store().log().PostsThrough(BlockSeq{static_cast<std::uint64_t>(first) - 1});
  EXPECT_EQ(stats.get_future().get().posts, kept);

  SayDay(*pipeline, 16);
  const std::vector<std::string> now = EventsOf(pipeline->store());
  ASSERT_GT(now.size(), told.size());
  EXPECT_EQ(std::vector(now.begin(), now.begin() + static_cast<std::ptrdiff_t>(told.size())), told);
  pipeline->Stop();
}

}  // namespace
}  // namespace tagswell
