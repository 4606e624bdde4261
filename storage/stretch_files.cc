#include "storage/stretch_files.h"

#include <rocksdb/iterator.h>
#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <string>

#include "storage/byte_order.h"
#include "storage/database.h"
#include "storage/sorted_rows.h"

namespace tagswell {
namespace {

constexpr std::size_t kNumberBytes = 4;
constexpr std::size_t kPageKeyBytes = kNumberBytes + ShortKey::kBytes;
constexpr std::size_t kStretchBytes = 28;

std::string_view AsView(rocksdb::Slice slice) {
  return {slice.data(), slice.size()};
}

Error Damaged() {
  return Error{.code = "storage_failed", .detail = "an index file is damaged"};
}

std::string PageKey(std::uint32_t number, ShortKey key) {
  std::string bytes;
  AppendBig(number, bytes);
  AppendBig(key.high, bytes);
  AppendBig(key.low, bytes);
  return bytes;
}

std::string TopicKey(std::string_view topic, std::uint32_t number) {
  std::string bytes(topic);
  bytes.push_back('\0');
  AppendBig(number, bytes);
  return bytes;
}

// Positions as steps: of the block, then of the index, which starts anew in each block.
std::string EncodePositions(const std::vector<PackedPosition>& positions, BlockSeq first) {
  std::string out;
  Position before{.block = first, .index = 0};
  for (const PackedPosition packed : positions) {
    const Position position = Unpack(packed);
    const auto blocks = static_cast<std::uint64_t>(position.block) - static_cast<std::uint64_t>(before.block);
    AppendVarint(blocks, out);
    AppendVarint(blocks == 0 ? position.index - before.index : position.index, out);
    before = position;
  }
  return out;
}

bool DecodePositions(std::string_view bytes, BlockSeq first, std::vector<Position>& out) {
  Position position{.block = first, .index = 0};
  while (!bytes.empty()) {
    const auto blocks = TakeVarint(bytes);
    const auto index = TakeVarint(bytes);
    if (!blocks || !index) return false;
    if (*blocks != 0) position = {.block = BlockSeq{static_cast<std::uint64_t>(position.block) + *blocks}, .index = 0};
    position.index += static_cast<std::uint32_t>(*index);
    out.push_back(position);
  }
  return true;
}

}  // namespace

std::optional<std::uint32_t> StretchFiles::StretchOfTopicKey(std::string_view key) {
  if (key.size() < kNumberBytes) return std::nullopt;
  return LoadBig<std::uint32_t>(key.substr(key.size() - kNumberBytes));
}

std::expected<std::vector<Stretch>, Error> StretchFiles::Load(std::uint32_t first) const {
  std::vector<Stretch> stretches;
  for (std::uint32_t number = first;; ++number) {
    std::string key;
    AppendBig(number, key);
    const auto value = database_.Get(Family::kIds, key);
    if (!value) return std::unexpected(value.error());
    if (!*value) return stretches;
    const std::string_view bytes = **value;
    if (bytes.size() != kStretchBytes) return std::unexpected(Damaged());
    stretches.push_back({.number = number,
                         .first = BlockSeq{LoadLittle<std::uint64_t>(bytes)},
                         .last = BlockSeq{LoadLittle<std::uint64_t>(bytes.substr(8))},
                         .posts = LoadLittle<std::uint32_t>(bytes.substr(16)),
                         .clock = Timestamp{Duration{LoadLittle<std::int64_t>(bytes.substr(20))}}});
  }
}

std::expected<void, Error> StretchFiles::Write(const Stretch& stretch, std::span<const KeyEntry> sorted,
                                               const TopicPositions& topics) {
  std::vector<StagedFile> files;
  files.push_back(database_.Stage(Family::kIds));
  if (auto written = WriteKeys(stretch, sorted, files.back().path()); !written) return written;
  if (!topics.empty()) {
    files.push_back(database_.Stage(Family::kTopics));
    if (auto written = WriteTopics(stretch, topics, files.back().path()); !written) return written;
  }
  return database_.Ingest(files);
}

std::expected<void, Error> StretchFiles::AddPast(std::string_view topic, std::span<const Stretch> stretches,
                                                 std::span<const PackedPosition> positions) {
  if (positions.empty()) return {};
  SortedRows rows;
  for (const Stretch& stretch : stretches) {
    const PackedPosition end = Pack({.block = Next(stretch.last), .index = 0});
    const auto split = std::ranges::lower_bound(positions, end);
    const std::vector<PackedPosition> own(positions.begin(), split);
    positions = positions.subspan(own.size());
    if (!own.empty()) rows.Put(TopicKey(topic, stretch.number), EncodePositions(own, stretch.first));
  }
  auto file = rows.WriteFile(database_, Family::kTopics);
  if (!file) return std::unexpected(file.error());
  return database_.Ingest(std::span(&*file, 1));
}

std::expected<void, Error> StretchFiles::WriteKeys(const Stretch& stretch, std::span<const KeyEntry> sorted,
                                                   const std::string& path) {
  rocksdb::SstFileWriter writer(database_.FileEnvironment(), database_.FileOptions(Family::kIds));
  rocksdb::Status status = writer.Open(path);
  std::string key;
  std::string value;
  AppendBig(stretch.number, key);
  AppendLittle(static_cast<std::uint64_t>(stretch.first), value);
  AppendLittle(static_cast<std::uint64_t>(stretch.last), value);
  AppendLittle(stretch.posts, value);
  AppendLittle(static_cast<std::int64_t>(stretch.clock.time_since_epoch().count()), value);
  if (status.ok()) status = writer.Put(key, value);
  for (std::size_t begin = 0; status.ok() && begin < sorted.size(); begin += kKeyPageMax) {
    const auto page = sorted.subspan(begin, std::min(kKeyPageMax, sorted.size() - begin));
    EncodeKeyPage(page, value);
    status = writer.Put(PageKey(stretch.number, page.front().key), value);
  }
  if (status.ok()) status = writer.Finish();
  if (!status.ok()) return std::unexpected(StorageError(status));
  return {};
}

std::expected<void, Error> StretchFiles::WriteTopics(const Stretch& stretch, const TopicPositions& topics,
                                                     const std::string& path) {
  rocksdb::SstFileWriter writer(database_.FileEnvironment(), database_.FileOptions(Family::kTopics));
  rocksdb::Status status = writer.Open(path);
  // The NUL behind a topic sorts before every byte of a longer topic: the order of topics is the order of keys.
  topics.ForEachTopic([&](std::string_view topic, const std::vector<PackedPosition>& positions) {
    if (status.ok()) status = writer.Put(TopicKey(topic, stretch.number), EncodePositions(positions, stretch.first));
  });
  if (status.ok()) status = writer.Finish();
  if (!status.ok()) return std::unexpected(StorageError(status));
  return {};
}

std::expected<void, Error> StretchFiles::EachKey(const Stretch& stretch,
                                                 const std::function<void(std::span<const PostKey>)>& visit) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = 2 << 20;
  const std::unique_ptr<rocksdb::Iterator> it(database_.db().NewIterator(options, database_.family(Family::kIds)));
  std::string prefix;
  AppendBig(stretch.number, prefix);
  std::vector<KeyEntry> entries;
  std::vector<PostKey> keys;
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    if (it->key().size() != kPageKeyBytes) continue;
    if (!DecodeKeyPage(AsView(it->value()), entries)) return std::unexpected(Damaged());
    keys.clear();
    for (const KeyEntry& entry : entries) {
      keys.push_back({.high = entry.key.high, .low = static_cast<std::uint64_t>(entry.key.low) << 48});
    }
    visit(keys);
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return {};
}

std::expected<void, Error> StretchFiles::PostsOf(std::string_view topic, std::span<const Stretch> stretches,
                                                 Position before, std::size_t limit, std::vector<Position>& out) const {
  // The last stretch that begins at or before `before`.
  auto end = std::ranges::upper_bound(stretches, before.block, {}, &Stretch::first);
  if (end == stretches.begin() || out.size() >= limit) return {};
  const std::string prefix = TopicKey(topic, 0).substr(0, topic.size() + 1);
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kTopics)));
  std::vector<Position> positions;
  for (it->SeekForPrev(TopicKey(topic, (end - 1)->number)); it->Valid() && it->key().starts_with(prefix); it->Prev()) {
    if (it->key().size() != prefix.size() + kNumberBytes) return std::unexpected(Damaged());
    const auto number = LoadBig<std::uint32_t>(AsView(it->key()).substr(prefix.size()));
    const Stretch* const stretch = StretchOf(stretches, number);
    if (stretch == nullptr) break;  // dropped, and its positions not yet
    positions.clear();
    if (!DecodePositions(AsView(it->value()), stretch->first, positions)) return std::unexpected(Damaged());
    for (std::size_t i = positions.size(); i-- > 0;) {
      if (positions[i] >= before) continue;
      out.push_back(positions[i]);
      if (out.size() == limit) return {};
    }
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return {};
}

std::expected<void, Error> StretchFiles::FirstPostsOf(std::string_view topic, std::span<const Stretch> stretches,
                                                      std::size_t limit, std::vector<Position>& out) const {
  if (stretches.empty()) return {};
  const std::string prefix = TopicKey(topic, 0).substr(0, topic.size() + 1);
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kTopics)));
  for (it->Seek(TopicKey(topic, stretches.front().number));
       it->Valid() && it->key().starts_with(prefix) && out.size() < limit; it->Next()) {
    if (it->key().size() != prefix.size() + kNumberBytes) return std::unexpected(Damaged());
    const auto number = LoadBig<std::uint32_t>(AsView(it->key()).substr(prefix.size()));
    const Stretch* const stretch = StretchOf(stretches, number);
    if (stretch == nullptr) break;  // written after the caller looked
    if (!DecodePositions(AsView(it->value()), stretch->first, out)) return std::unexpected(Damaged());
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  if (out.size() > limit) out.resize(limit);
  return {};
}

KeyLookup::KeyLookup(Database& database)
    : iterator_(database.db().NewIterator(rocksdb::ReadOptions(), database.family(Family::kIds))) {}
KeyLookup::~KeyLookup() = default;

std::expected<std::optional<Position>, Error> KeyLookup::Find(const Stretch& stretch, const PostKey& key) {
  const ShortKey short_key = ShortKey::Of(key);
  const std::string page_key = PageKey(stretch.number, short_key);
  iterator_->SeekForPrev(page_key);
  if (!iterator_->status().ok()) return std::unexpected(StorageError(iterator_->status()));
  if (!iterator_->Valid() || iterator_->key().size() != kPageKeyBytes ||
      AsView(iterator_->key()).substr(0, kNumberBytes) != std::string_view(page_key).substr(0, kNumberBytes)) {
    return std::nullopt;
  }
  const auto offset = FindInKeyPage(AsView(iterator_->value()), short_key);
  if (!offset) return std::nullopt;
  const Position position = Unpack(*offset);
  return Position{
      .block = BlockSeq{static_cast<std::uint64_t>(stretch.first) + static_cast<std::uint64_t>(position.block)},
      .index = position.index};
}

}  // namespace tagswell
