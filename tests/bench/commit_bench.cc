// What storing costs: CPU of the whole process per post (user and system, background work included) for blocks of 1,000
// posts of about 281 bytes; the price of proving an id new; bytes on disk; the time to start again.
//
//   commit_bench [POSTS_MILLIONS] [DIRECTORY]     default: 1, the folder for temporary files
#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "proto/post_codec.h"
#include "storage/seen_filters.h"
#include "storage/store.h"

namespace tagswell {
namespace {

constexpr std::size_t kPostsPerBlock = 1000;

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double WallSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void Print(const std::string& name, double value, const char* unit) {
  std::printf("{\"bench\":\"storage/%s\",\"value\":%.4g,\"unit\":\"%s\"}\n", name.c_str(), value, unit);
  std::fflush(stdout);
}

[[noreturn]] void Fail(const Error& error) {
  std::fprintf(stderr, "%s: %s\n", error.code.c_str(), error.detail.c_str());
  std::exit(1);
}

// Text with the repetition of speech: words drawn by Zipf's law from so few that blocks shrink as real ones do (zstd to
// 0.33).
class Writer {
 public:
  Writer() {
    for (int i = 0; i < 500; ++i) {
      std::string word;
      for (std::uint64_t length = 2 + random_() % 8; length > 0; --length) {
        word.push_back(static_cast<char>('a' + random_() % 26));
      }
      words_.push_back(word);
    }
  }

  // About 281 bytes stored; half of the posts have a tag, some two.
  void Append(std::uint64_t number, Timestamp at, PostBatch& batch) {
    id_ = std::to_string(1'000'000'000'000'000'000ULL + number * 4'194'304 + random_() % 4'194'304);
    author_ = "user" + std::to_string(Zipf(1'000'000));
    text_.clear();
    while (text_.size() < 200) {
      text_ += words_[Zipf(words_.size())];
      text_ += ' ';
    }
    Post post;
    post.id = id_;
    post.source = "twitter";
    post.author = author_;
    post.created_at = at;
    post.lang = "en";
    post.country = random_() % 2 == 0 ? "US" : "GB";
    post.author_followers = random_() % 10'000;
    topics_.clear();
    for (std::uint64_t tags = random_() % 4; tags >= 2; --tags) topics_.push_back(words_[Zipf(words_.size())]);
    if (topics_.size() == 2 && topics_[0] == topics_[1]) topics_.pop_back();
    for (const std::string& topic : topics_) {
      text_ += " #" + topic;
      post.mentions.push_back({.topic = topic, .spelling = topic});
    }
    post.text = text_;
    EncodeRecord(RecordKind::kPost, post, batch.records);
    batch.ends.push_back(static_cast<std::uint32_t>(batch.records.size()));
    batch.keys.push_back(KeyOf(post.source, post.id, kDefaultSalt));
    batch.newest = at;
  }

 private:
  std::size_t Zipf(std::size_t size) {
    const double u = static_cast<double>(random_() >> 11) * 0x1p-53;
    return static_cast<std::size_t>(std::pow(static_cast<double>(size), u)) - 1;
  }

  std::mt19937_64 random_{1};
  std::vector<std::string> words_;
  std::vector<std::string> topics_;
  std::string id_, author_, text_;
};

std::uint64_t DirectoryBytes(const std::filesystem::path& dir) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
    if (entry.is_regular_file() && entry.path().extension() != ".log") bytes += entry.file_size();
  }
  return bytes;
}

struct Run {
  std::string name;
  FsyncPolicy fsync = FsyncPolicy::kNever;
  bool index = true;  // topic index and history too
};

// Batches are made outside the measured time, a hundred at once.
void Measure(const Run& run, std::uint64_t posts_total, const std::filesystem::path& dir) {
  std::filesystem::remove_all(dir);
  StoreOptions options;
  options.dir = dir;
  options.fsync = run.fsync;
  auto store = Store::Open(options);
  if (!store) Fail(store.error());
  Writer writer;
  double cpu = 0;
  double wall = 0;
  double cpu_late = 0;  // of the last tenth
  std::uint64_t record_bytes = 0;
  std::uint64_t posts = 0;
  while (posts < posts_total) {
    std::vector<PostBatch> batches(100);
    for (PostBatch& batch : batches) {
      for (std::size_t i = 0; i < kPostsPerBlock; ++i, ++posts) {
        writer.Append(posts, Timestamp{std::chrono::seconds{1'500'000'000 + posts / 1000}}, batch);
      }
      record_bytes += batch.records.size();
    }
    const double cpu_start = CpuSeconds();
    const double wall_start = WallSeconds();
    for (const PostBatch& batch : batches) {
      const PostBatch* const one[] = {&batch};
      const auto appended = (*store)->log().Append(one, batch.newest);
      if (!appended) Fail(appended.error());
      if (!run.index) continue;
      if (auto indexed = (*store)->IndexBlock(*appended->block); !indexed) Fail(indexed.error());
    }
    cpu += CpuSeconds() - cpu_start;
    wall += WallSeconds() - wall_start;
    if (posts > posts_total - posts_total / 10) cpu_late += CpuSeconds() - cpu_start;
  }
  const auto total = static_cast<double>(posts);
  Print(run.name + "/cpu", cpu / total * 1e6, "us/post");
  Print(run.name + "/cpu_last_tenth", cpu_late / (total / 10) * 1e6, "us/post");
  Print(run.name + "/rate", total / wall, "posts/s");
  if (!run.index) return;

  Print(run.name + "/record", static_cast<double>(record_bytes) / total, "bytes/post");
  if (auto flushed = (*store)->history().Flush(); !flushed) Fail(flushed.error());
  const StoreStats stats = (*store)->Stats();
  Print(run.name + "/memtables", static_cast<double>(stats.memtable_bytes), "bytes");
  Print(run.name + "/index_memory", static_cast<double>(stats.index_bytes), "bytes");
  (*store).reset();
  const double open_start = WallSeconds();
  store = Store::Open(options);
  if (!store) Fail(store.error());
  Print(run.name + "/start", WallSeconds() - open_start, "s");
  const double read_start = CpuSeconds();
  const auto read = (*store)->log().Read(BlockSeq{1}, [](const LogBlock&) { return true; });
  if (!read) Fail(read.error());
  Print(run.name + "/read", (CpuSeconds() - read_start) / total * 1e6, "us/post");
  // Opening has written what the log still held into files.
  Print(run.name + "/disk", static_cast<double>(DirectoryBytes(dir)) / total, "bytes/post");
}

// The filters alone: keys that were never seen, in blocks, against `posts_total` that were.
void MeasureProof(std::uint64_t posts_total) {
  const StoreOptions options;
  SeenFilters filters(options, 0);
  std::mt19937_64 random(5);
  std::vector<PostKey> keys(kPostsPerBlock);
  const auto draw = [&] {
    for (PostKey& key : keys) key = {.high = random(), .low = random()};
  };
  std::uint64_t in_stretch = 0;
  for (std::uint64_t posts = 0; posts < posts_total; posts += kPostsPerBlock) {
    draw();
    filters.Add(keys);
    in_stretch += kPostsPerBlock;
    if (in_stretch < options.stretch_posts) continue;
    filters.EndStretch(kTimestampMin);
    in_stretch = 0;
  }
  std::vector<SeenFilters::Mask> masks(kPostsPerBlock);
  const std::size_t blocks = 1000;
  std::uint64_t suspects = 0;
  double cpu = 0;
  for (std::size_t block = 0; block < blocks; ++block) {
    draw();
    const double start = CpuSeconds();
    filters.Probe(keys, masks);
    cpu += CpuSeconds() - start;
    for (const SeenFilters::Mask mask : masks) suspects += mask != 0;
  }
  const auto asked = static_cast<double>(blocks * kPostsPerBlock);
  const std::string name = "prove_new_at_" + std::to_string(posts_total / 1'000'000) + "M";
  Print(name + "/cpu", cpu / asked * 1e6, "us/post");
  Print(name + "/not_proven", static_cast<double>(suspects) / asked, "of keys");
}

// New keys proven and put into the index, against one that holds `posts_total`, its pages not yet in any cache.
void MeasureAdmission(std::uint64_t posts_total, const std::filesystem::path& dir) {
  StoreOptions options;
  options.dir = dir;
  auto store = Store::Open(options);
  if (!store) Fail(store.error());
  std::mt19937_64 random(99);
  const std::size_t blocks = 400;
  std::vector<PostKey> keys(kPostsPerBlock);
  const auto fresh = std::make_unique<bool[]>(kPostsPerBlock);
  double cpu = 0;
  for (std::size_t block = 0; block < blocks; ++block) {
    for (PostKey& key : keys) key = {.high = random(), .low = random()};
    const double start = CpuSeconds();
    const BlockSeq seq{static_cast<std::uint64_t>((*store)->log().LastSeq()) + 1 + block};
    if (auto admitted = (*store)->index().Admit(keys, {.block = seq, .index = 0}, {fresh.get(), keys.size()}); !admitted) {
      Fail(admitted.error());
    }
    cpu += CpuSeconds() - start;
  }
  Print("admit_new_at_" + std::to_string(posts_total / 1'000'000) + "M/cpu",
        cpu / static_cast<double>(blocks * kPostsPerBlock) * 1e6, "us/post");
}

}  // namespace
}  // namespace tagswell

int main(int argc, char** argv) {
  using namespace tagswell;
  const std::uint64_t posts = (argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1) * 1'000'000;
  const std::filesystem::path folder =
      argc > 2 ? std::filesystem::path(argv[2]) : std::filesystem::temp_directory_path();
  const std::filesystem::path dir = folder / "tagswell-commit-bench";
  Measure({.name = "commit", .fsync = FsyncPolicy::kNever, .index = false}, 1'000'000, dir);
  Measure({.name = "commit_sync", .fsync = FsyncPolicy::kAlways, .index = false}, 1'000'000, dir);
  Measure({.name = "commit_index_sync", .fsync = FsyncPolicy::kAlways}, 1'000'000, dir);
  Measure({.name = "commit_index", .fsync = FsyncPolicy::kNever}, posts, dir);
  MeasureAdmission(posts, dir);
  MeasureProof(posts);
  std::filesystem::remove_all(dir);
  return 0;
}
