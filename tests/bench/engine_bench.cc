// What counting and detecting cost: CPU time a mention in a dense stream, the longest single call, the memory of quiet
// topics, and how long a board takes. One JSON line a figure. An argument picks the parts whose names hold it
// (dense, memory500k, memory5m).
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trend/engine.h"

namespace tagswell {
namespace {

constexpr Timestamp kStart{std::chrono::milliseconds{1'772'409'600'000}};
constexpr double kPostsPerSecond = 143'199;  // the record of Twitter, 3 August 2013
constexpr std::size_t kAuthors = 1'000'000;
constexpr std::size_t kAtOnce = 64;

void Print(std::string_view name, double value, std::string_view unit) {
  std::printf("{\"bench\":\"%.*s\",\"value\":%.4g,\"unit\":\"%.*s\"}\n", static_cast<int>(name.size()), name.data(),
              value, static_cast<int>(unit.size()), unit.data());
  std::fflush(stdout);
}

double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// Posts that are ready to be handed in: only their times and authors change from round to round.
class Pool {
 public:
  Pool(std::size_t posts, std::size_t tags) : random_(7) {
    for (std::size_t i = 0; i < tags; ++i) tags_.push_back("livetag" + std::to_string(i));
    // Beside one another, as a reader finds them that has just decoded a block.
    for (std::size_t i = 0; i < posts; ++i) authors_ += "author0000000";
    tag_texts_.reserve(posts * 16);
    std::uniform_real_distribution<double> uniform(0, 1);
    posts_.resize(posts);
    ids_.reserve(posts);
    for (std::size_t i = 0; i < posts; ++i) {
      Post& post = posts_[i];
      const std::size_t home = random_() % kPlaces.size();
      post.id = ids_.emplace_back(std::to_string(920'000'000'000 + i));
      post.source = random_() % 4 == 0 ? "mastodon" : "twitter";
      post.author = std::string_view(authors_).substr(i * kAuthorBytes, kAuthorBytes);
      post.text = "a text of the usual length, as people write them on a phone while they wait for the bus to come";
      post.lang = kLangs[home];
      post.country = kPlaces[home];
      if (uniform(random_) >= 0.7) continue;
      // Zipf's law with exponent one, by log-uniform ranks.
      const auto rank = static_cast<std::size_t>(std::pow(static_cast<double>(tags), uniform(random_))) - 1;
      tag_texts_ += tags_[rank];
      const std::string_view tag = std::string_view(tag_texts_).substr(tag_texts_.size() - tags_[rank].size());
      post.mentions.push_back({.topic = tag, .spelling = tag});
      ++mentions_;
    }
  }

  // A new round of the same posts by other people, starting at `from`.
  void Turn(Timestamp from) {
    const std::size_t shift = random_();
    for (std::size_t i = 0; i < posts_.size(); ++i) {
      posts_[i].created_at =
          from + Duration{static_cast<std::int64_t>(static_cast<double>(i) * 1'000 / kPostsPerSecond)};
      authors_.replace(i * kAuthorBytes + 6, 7, std::to_string(1'000'000 + (i * 7'919 + shift) % kAuthors));
    }
  }

  const std::vector<Post>& posts() const { return posts_; }
  std::size_t mentions() const { return mentions_; }

 private:
  static constexpr std::array<std::string_view, 8> kPlaces = {"US", "JP", "FR", "DE", "BR", "IN", "GB", "ES"};
  static constexpr std::array<std::string_view, 8> kLangs = {"en", "ja", "fr", "de", "pt", "hi", "en", "es"};
  std::mt19937_64 random_;
  std::vector<std::string> tags_;
  static constexpr std::size_t kAuthorBytes = 13;
  std::string authors_;
  std::string tag_texts_;
  std::vector<std::string> ids_;
  std::vector<Post> posts_;
  std::size_t mentions_ = 0;
};

double TopMilliseconds(const Engine& engine, Window window, TopOrder order) {
  std::vector<double> runs;
  for (int run = 0; run < 9; ++run) {
    const double before = ThreadSeconds();
    const auto rows = engine.Top(kWorld, window, order, 50);
    runs.push_back((ThreadSeconds() - before) * 1e3);
    if (rows.empty()) std::printf("no rows\n");
  }
  std::ranges::sort(runs);
  return runs[runs.size() / 2];
}

void Dense() {
  Pool pool(1'000'000, 50'000);
  Engine engine{EngineOptions{}};
  const auto round_length =
      Duration{static_cast<std::int64_t>(static_cast<double>(pool.posts().size()) * 1'000 / kPostsPerSecond)};
  constexpr int kRounds = 30;  // three and a half minutes of stream
  constexpr int kWarm = 6;
  double seconds = 0;
  double closing_seconds = 0;
  int closings = 0;
  double longest = 0;
  double longest_other = 0;
  for (int round = 0; round < kRounds; ++round) {
    pool.Turn(kStart + round_length * round);
    const double before = ThreadSeconds();
    Minute closed = MinuteOf(pool.posts().front().created_at - std::chrono::seconds(30));
    // As the log's reader does: some dozens of posts at a time.
    for (std::size_t at = 0; at < pool.posts().size(); at += kAtOnce) {
      const auto posts = std::span(pool.posts()).subspan(at, std::min(kAtOnce, pool.posts().size() - at));
      const Minute closes = MinuteOf(posts.back().created_at - std::chrono::seconds(30));
      const bool closing = closes != closed;
      closed = closes;
      const double cpu = closing ? ThreadSeconds() : 0;
      const auto begin = std::chrono::steady_clock::now();
      engine.Add(posts, {});
      const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      if (closing) {
        const double cost = ThreadSeconds() - cpu;
        closing_seconds += cost;
        ++closings;
        longest = std::max(longest, cost);
      } else {
        longest_other = std::max(longest_other, took);
      }
    }
    if (round >= kWarm) seconds += ThreadSeconds() - before;
  }
  const double mentions = static_cast<double>(pool.mentions()) * (kRounds - kWarm);
  Print("engine_add", seconds / mentions * 1e9, "ns/mention");
  Print("engine_close_minute", closing_seconds / std::max(1, closings) * 1e3, "ms");
  Print("engine_longest_add_closing", longest * 1e3, "ms_cpu");
  Print("engine_longest_add_other", longest_other * 1e3, "ms_wall");
  Print("engine_dense_memory", static_cast<double>(engine.Stats().memory_bytes) / 1e6, "MB");
  Print("engine_dense_resident", ResidentBytes() / 1e6, "MB");
  Print("engine_dense_topics", static_cast<double>(engine.Stats().topics_live), "topics");
  for (const auto& [name, window] : {std::pair("1h", Window::k1h), std::pair("24h", Window::k24h)}) {
    Print(std::string("engine_top_50k_posts_") + name, TopMilliseconds(engine, window, TopOrder::kPosts), "ms");
    Print(std::string("engine_top_50k_authors_") + name, TopMilliseconds(engine, window, TopOrder::kAuthors), "ms");
  }
  double before = ThreadSeconds();
  std::size_t saved = 0;
  engine.Save([&](const std::string& piece) { saved += piece.size(); });
  Print("engine_save_50k", (ThreadSeconds() - before) * 1e3, "ms");
  Print("engine_saved_50k", static_cast<double>(saved) / 1e6, "MB");
}

// `topics` that were each used once or twice within an hour.
void Quiet(std::size_t topics, std::string_view size) {
  const double resident = ResidentBytes();
  Engine engine{EngineOptions{}};
  std::string topic;
  std::string author;
  std::string id;
  Post post;
  post.source = "twitter";
  post.lang = "en";
  post.country = "US";
  post.mentions.resize(1);
  const double before = ThreadSeconds();
  double longest = 0;
  for (std::size_t i = 0; i < topics; ++i) {
    // Names as people make them: 14 bytes, most of them.
    topic.assign("quiet").append(std::to_string(100'000'000 + i * 37 % 900'000'000));
    author.assign("author").append(std::to_string(i % kAuthors));
    id = std::to_string(i);
    post.author = author;
    post.id = id;
    post.created_at = kStart + Duration{static_cast<std::int64_t>(3'600'000 * i / topics)};
    post.mentions[0] = {.topic = topic, .spelling = topic};
    const auto begin = std::chrono::steady_clock::now();
    engine.Add(post, {});
    longest = std::max(longest, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  const double seconds = ThreadSeconds() - before;
  const std::string name(size);
  const auto live = static_cast<double>(engine.Stats().topics_live);
  Print("engine_new_topic_" + name, seconds / live * 1e9, "ns/topic");
  Print("engine_longest_add_" + name, longest * 1e3, "ms_wall");
  Print("engine_quiet_topic_" + name, (ResidentBytes() - resident) / live, "bytes_resident");
  Print("engine_quiet_topic_stats_" + name, static_cast<double>(engine.Stats().memory_bytes) / live, "bytes_reported");
  Print("engine_resident_" + name, (ResidentBytes() - resident) / 1e6, "MB");
  Print("engine_top_" + name + "_posts_1h", TopMilliseconds(engine, Window::k1h, TopOrder::kPosts), "ms");
  Print("engine_top_" + name + "_authors_24h", TopMilliseconds(engine, Window::k24h, TopOrder::kAuthors), "ms");
}

void Measure(std::string_view filter) {
  // Memory first, so that nothing freed before hides in the resident size.
  if (std::string_view("memory500k").contains(filter)) Quiet(500'000, "500k");
  if (std::string_view("memory5m").contains(filter)) Quiet(5'000'000, "5m");
  if (std::string_view("dense").contains(filter)) Dense();
}

}  // namespace
}  // namespace tagswell

int main(int argc, char** argv) {
  tagswell::Measure(argc > 1 ? argv[1] : "");
  return 0;
}
