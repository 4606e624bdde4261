#include "tests/simulation/world.h"

#include <algorithm>
#include <span>
#include <utility>

#include "proto/post_codec.h"

namespace tagswell::simulation {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLateness = 120s;

void Append(const OwnedPost& owned, PostBatch& batch) {
  std::vector<std::string> topics;
  const Post post = owned.View(topics);
  EncodeRecord(RecordKind::kPost, post, batch.records);
  batch.ends.push_back(static_cast<std::uint32_t>(batch.records.size()));
  batch.keys.push_back(KeyOf(post.source, post.id, kSalt));
  batch.newest = std::max(batch.newest, post.created_at);
}

}  // namespace

World::World(std::uint64_t the_seed) : seed(the_seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&random](std::uint64_t below) { return random() % below; };
  SyntheticStream stream(random());
  const Timestamp end = kMonday + 3h + 30min;
  stream.Background(kMonday, end, 4 + static_cast<double>(pick(8)), 40, 300);
  const std::uint64_t bursts = 1 + pick(4);
  for (std::uint64_t i = 0; i < bursts; ++i) {
    constexpr const char* kCountries[] = {"FR", "DE", ""};
    stream.Burst("burst" + std::to_string(i), kMonday + 130min + std::chrono::minutes(pick(60)),
                 std::chrono::minutes(1 + pick(15)), static_cast<int>(20 + pick(60)), kCountries[pick(3)]);
  }
  posts = stream.Take();

  for (std::size_t i = 0; i < posts.size(); ++i) {
    if (i == 0 || MinuteOf(posts[i].created_at) != MinuteOf(posts[i - 1].created_at)) orderly.emplace_back();
    orderly.back().push_back(i);
  }

  // Each is held up for less than the lateness: then none is sent behind one that is so much newer.
  const auto held_up_max = static_cast<std::uint64_t>(Duration(kLateness).count()) - 1;
  const std::uint64_t held_up = pick(2) == 0 ? 1 : 1 + pick(held_up_max);
  std::vector<std::pair<Timestamp, std::size_t>> order;
  for (std::size_t i = 0; i < posts.size(); ++i) order.emplace_back(posts[i].created_at + Duration(pick(held_up)), i);
  std::ranges::sort(order);
  const std::uint64_t batch_max = 1 + pick(80);
  for (std::size_t at = 0; at < order.size();) {
    const std::size_t size = std::min<std::size_t>(1 + pick(batch_max), order.size() - at);
    batches.emplace_back();
    for (const auto& sent : std::span(order).subspan(at, size)) batches.back().push_back(sent.second);
    at += size;
  }

  wall_clock = pick(4) == 0;
  if (!wall_clock) {
    for (std::uint64_t left = pick(3) == 0 ? 1 + pick(40) : 0; left > 0; --left)
      taken_back.push_back(pick(posts.size()));
    std::ranges::sort(taken_back);
    const auto rest = std::ranges::unique(taken_back);
    taken_back.erase(rest.begin(), rest.end());
  }
  crash = static_cast<std::uint32_t>(pick(120));
  tear = static_cast<std::uint32_t>(pick(1000));
  resend = static_cast<std::uint32_t>(pick(100));
  engine = static_cast<std::uint32_t>(pick(4) == 0 ? 20 + pick(100) : 100 + pick(900));
  indexer = static_cast<std::uint32_t>(pick(4) == 0 ? 20 + pick(100) : 100 + pick(900));
  checkpoint_posts = 50 + pick(1500);
}

EngineOptions World::engine_options() const {
  EngineOptions options;
  options.lateness = kLateness;
  options.salt = kSalt;
  return options;
}

PostBatch World::BatchOf(const std::vector<std::size_t>& places) const {
  PostBatch batch;
  for (const std::size_t place : places) Append(posts[place], batch);
  return batch;
}

PostKey World::KeyOfPost(std::size_t place) const {
  return KeyOf(posts[place].source, posts[place].id, kSalt);
}

PostBatch World::Last(int which) const {
  PostBatch batch;
  Append({.id = "last" + std::to_string(which),
          .source = "twitter",
          .author = "somebody",
          .created_at = posts.back().created_at + which * 20min},
         batch);
  return batch;
}

}  // namespace tagswell::simulation
