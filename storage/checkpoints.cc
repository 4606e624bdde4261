#include "storage/checkpoints.h"

#include <rocksdb/iterator.h>
#include <rocksdb/sst_file_writer.h>
#include <xxhash.h>

#include <algorithm>
#include <memory>

#include "storage/byte_order.h"
#include "storage/database.h"
#include "storage/huge_memory.h"
#include "storage/meta_keys.h"

namespace tagswell {
namespace {

constexpr std::size_t kChunkBytes = 1 << 20;
constexpr std::size_t kKept = 2;
constexpr std::size_t kHeadBytes = 16;  // size and checksum of the state
// A damaged head asks for no more memory than this before it is found out.
constexpr std::uint64_t kReservedMax = 2ULL << 30;

std::string ChunkKey(BlockSeq at, std::uint32_t chunk) {
  std::string key = BlockKey(at);
  AppendBig(chunk, key);
  return key;
}

rocksdb::Slice AsSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

Checkpoints::Checkpoints(Database& database) : database_(database) {}

std::expected<void, Error> Checkpoints::Save(BlockSeq at, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  auto kept = KeptLocked();
  if (!kept) return std::unexpected(kept.error());
  if (std::ranges::find(*kept, at) != kept->end()) return {};  // the state after a block is always the same

  const Database::SortedFile file{.family = Family::kCheckpoints, .path = database_.StagingFile()};
  rocksdb::SstFileWriter writer(database_.FileEnvironment(), database_.FileOptions(Family::kCheckpoints));
  rocksdb::Status status = writer.Open(file.path.string());
  std::string head;
  AppendLittle(static_cast<std::uint64_t>(bytes.size()), head);
  AppendLittle(static_cast<std::uint64_t>(XXH3_64bits(bytes.data(), bytes.size())), head);
  if (status.ok()) status = writer.Put(BlockKey(at), head);
  std::uint32_t chunk = 0;
  for (std::size_t begin = 0; status.ok() && begin < bytes.size(); begin += kChunkBytes) {
    status = writer.Put(ChunkKey(at, chunk++), AsSlice(bytes.substr(begin, kChunkBytes)));
  }
  if (status.ok()) status = writer.Finish();
  if (!status.ok()) {
    database_.ClearStaging();
    return std::unexpected(StorageError(status));
  }
  if (auto ingested = database_.Ingest({file}); !ingested) return ingested;

  kept->push_back(at);
  std::ranges::sort(*kept);
  if (kept->size() <= kKept) return {};
  return DropRange(BlockSeq{0}, (*kept)[kept->size() - kKept]);
}

std::expected<void, Error> Checkpoints::DropRange(BlockSeq from, BlockSeq to) {
  const std::string begin = BlockKey(from);
  const std::string end = BlockKey(to);
  // Whole files go at once; the range deletion answers for whatever shares a file.
  if (auto deleted = database_.DeleteFiles(Family::kCheckpoints, begin, end); !deleted) return deleted;
  rocksdb::WriteBatch batch;
  batch.DeleteRange(database_.family(Family::kCheckpoints), begin, end);
  return database_.Write(batch, /*sync=*/false);
}

std::expected<std::vector<BlockSeq>, Error> Checkpoints::Kept() const {
  const std::lock_guard lock(mutex_);
  return KeptLocked();
}

std::expected<std::vector<BlockSeq>, Error> Checkpoints::KeptLocked() const {
  std::vector<BlockSeq> kept;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kCheckpoints)));
  it->SeekToFirst();
  while (it->Valid() && it->key().size() >= sizeof(BlockSeq)) {
    const BlockSeq at{LoadBig<std::uint64_t>({it->key().data(), it->key().size()})};
    kept.push_back(at);
    it->Seek(BlockKey(Next(at)));  // past its chunks
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return kept;
}

std::expected<std::optional<EngineCheckpoint>, Error> Checkpoints::LoadNewest(BlockSeq last) const {
  const std::lock_guard lock(mutex_);
  auto kept = KeptLocked();
  if (!kept) return std::unexpected(kept.error());
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = 2 << 20;
  for (auto at = kept->rbegin(); at != kept->rend(); ++at) {
    if (*at > last) continue;
    // Whatever is wrong with a state, the one before it may still be whole: damage is passed over, not reported.
    EngineCheckpoint checkpoint{.at = *at, .bytes = {}};
    const std::string head_key = BlockKey(*at);
    const std::unique_ptr<rocksdb::Iterator> it(
        database_.db().NewIterator(options, database_.family(Family::kCheckpoints)));
    it->Seek(head_key);
    if (!it->Valid() || it->value().size() != kHeadBytes) continue;
    const std::string head = it->value().ToString();
    checkpoint.bytes.reserve(std::min(LoadLittle<std::uint64_t>(head), kReservedMax));
    PreferHugePages(checkpoint.bytes.data(), checkpoint.bytes.capacity());
    for (it->Next(); it->Valid() && it->key().starts_with(head_key); it->Next()) {
      checkpoint.bytes.append(it->value().data(), it->value().size());
    }
    if (!it->status().ok() || checkpoint.bytes.size() != LoadLittle<std::uint64_t>(head)) continue;
    const XXH64_hash_t checksum = XXH3_64bits(checkpoint.bytes.data(), checkpoint.bytes.size());
    if (checksum == LoadLittle<std::uint64_t>(std::string_view(head).substr(8))) return checkpoint;
  }
  return std::nullopt;
}

}  // namespace tagswell
