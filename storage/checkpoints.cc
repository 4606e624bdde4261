#include "storage/checkpoints.h"

#include <rocksdb/iterator.h>
#include <rocksdb/sst_file_writer.h>
#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <string_view>

#include "storage/byte_order.h"
#include "storage/database.h"
#include "storage/huge_memory.h"
#include "storage/meta_keys.h"

namespace tagswell {
namespace {

constexpr std::size_t kKept = 2;
constexpr std::size_t kEndBytes = 16;  // size and checksum of the state
// A damaged end asks for no more memory than this before it is found out.
constexpr std::uint64_t kReservedMax = 2ULL << 30;

std::string PieceKey(BlockSeq at, std::uint32_t piece) {
  std::string key = BlockKey(at);
  AppendBig(piece, key);
  return key;
}

std::string EndKey(BlockSeq at) {
  return PieceKey(at, std::numeric_limits<std::uint32_t>::max());
}

}  // namespace

Checkpoints::Checkpoints(Database& database) : database_(database) {}

std::expected<StagedFile, Error> Checkpoints::Write(BlockSeq at, const std::function<std::string()>& next_piece) {
  StagedFile file = database_.Stage(Family::kCheckpoints);
  rocksdb::SstFileWriter writer(database_.FileEnvironment(), database_.FileOptions(Family::kCheckpoints));
  rocksdb::Status status = writer.Open(file.path());
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> checksum(XXH3_createState(), &XXH3_freeState);
  XXH3_64bits_reset(checksum.get());
  std::uint64_t bytes = 0;
  std::uint32_t number = 0;
  while (status.ok()) {
    const std::string piece = next_piece();
    if (piece.empty()) break;
    bytes += piece.size();
    XXH3_64bits_update(checksum.get(), piece.data(), piece.size());
    status = writer.Put(PieceKey(at, number++), piece);
  }
  std::string end;
  AppendLittle(bytes, end);
  AppendLittle(static_cast<std::uint64_t>(XXH3_64bits_digest(checksum.get())), end);
  if (status.ok()) status = writer.Put(EndKey(at), end);
  if (status.ok()) status = writer.Finish();
  if (!status.ok()) return std::unexpected(StorageError(status));
  return file;
}

std::expected<void, Error> Checkpoints::Save(BlockSeq at, const std::function<std::string()>& next_piece) {
  auto kept = Kept();
  if (!kept) return std::unexpected(kept.error());
  if (std::ranges::find(*kept, at) != kept->end()) return {};  // the state after a block is always the same

  const auto file = Write(at, next_piece);
  if (!file) return std::unexpected(file.error());
  const std::lock_guard lock(mutex_);
  if (auto ingested = database_.Ingest(std::span(&*file, 1)); !ingested) return ingested;

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
    const auto end = database_.Get(Family::kCheckpoints, EndKey(*at));
    if (!end || !*end || (*end)->size() != kEndBytes) continue;
    const auto size = LoadLittle<std::uint64_t>(**end);
    checkpoint.bytes.reserve(std::min(size, kReservedMax));
    PreferHugePages(checkpoint.bytes.data(), checkpoint.bytes.capacity());
    const std::string behind = EndKey(*at);
    const std::unique_ptr<rocksdb::Iterator> it(
        database_.db().NewIterator(options, database_.family(Family::kCheckpoints)));
    for (it->Seek(PieceKey(*at, 0)); it->Valid() && it->key().compare(behind) < 0; it->Next()) {
      checkpoint.bytes.append(it->value().data(), it->value().size());
    }
    if (!it->status().ok() || checkpoint.bytes.size() != size) continue;
    const XXH64_hash_t checksum = XXH3_64bits(checkpoint.bytes.data(), checkpoint.bytes.size());
    if (checksum == LoadLittle<std::uint64_t>(std::string_view(**end).substr(8))) return checkpoint;
  }
  return std::nullopt;
}

}  // namespace tagswell
