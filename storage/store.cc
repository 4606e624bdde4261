#include "storage/store.h"

#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <random>
#include <span>
#include <utility>

#include "storage/database.h"
#include "storage/group_past.h"
#include "storage/meta_keys.h"
#include "storage/record_cursor.h"
#include "storage/retention.h"

namespace tagswell {
namespace {

std::string DrawEpoch() {
  std::random_device device;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string epoch;
  for (int i = 0; i < 16; ++i) epoch.push_back(kDigits[device() % kDigits.size()]);
  return epoch;
}

struct Identity {
  HashSalt salt{};
  std::string epoch;
};

std::unexpected<Error> Foreign(const std::string& why) {
  return std::unexpected(Error{.code = "store_foreign", .detail = "not a store of this version: " + why});
}

// Reads what the store was created with, or creates it.
std::expected<Identity, Error> Identify(Database& database, const StoreOptions& options) {
  const auto format = database.Get(Family::kMeta, kFormatKey);
  const auto salt = database.Get(Family::kMeta, kSaltKey);
  const auto epoch = database.Get(Family::kMeta, kEpochKey);
  for (const auto* value : {&format, &salt, &epoch}) {
    if (!*value) return std::unexpected(value->error());
  }
  if (*format) {
    if (**format != kFormat) return Foreign("its format is " + **format);
    if (!*salt || (*salt)->size() != sizeof(HashSalt) || !*epoch) return Foreign("salt or epoch is missing");
    return Identity{.salt = HashSalt{LoadLittle<std::uint64_t>(**salt)}, .epoch = **epoch};
  }
  Identity identity{.salt = options.salt.value_or(kDefaultSalt), .epoch = options.epoch ? *options.epoch : DrawEpoch()};
  std::string salt_bytes;
  AppendLittle(static_cast<std::uint64_t>(identity.salt), salt_bytes);
  rocksdb::WriteBatch batch;
  rocksdb::ColumnFamilyHandle* meta = database.family(Family::kMeta);
  const auto slice = [](std::string_view bytes) { return rocksdb::Slice(bytes.data(), bytes.size()); };
  batch.Put(meta, slice(kFormatKey), slice(kFormat));
  batch.Put(meta, slice(kSaltKey), salt_bytes);
  batch.Put(meta, slice(kEpochKey), identity.epoch);
  if (auto written = database.Write(batch, /*sync=*/true); !written) return std::unexpected(written.error());
  return identity;
}

}  // namespace

struct Store::State {
  // Members are destroyed in reverse: the database outlives all that uses it.
  State(const StoreOptions& chosen, std::unique_ptr<Database> db, Identity id)
      : options(chosen),
        identity(std::move(id)),
        database(std::move(db)),
        index(*database, chosen),
        audit(*database),
        removals(*database, audit),
        webhooks(*database, audit),
        fasp(*database, audit),
        log(*database, index, audit, identity.salt, chosen),
        history(*database, identity.salt, chosen),
        events(*database),
        boards(*database),
        checkpoints(*database),
        retention(chosen.retention, log, index, history, events, boards, checkpoints) {}

  std::expected<void, Error> OpenParts();
  std::expected<void, Error> CatchUp();
  std::expected<void, Error> Restore(const LogBlock& block);
  std::expected<void, Error> RestoreGroups(BlockSeq upto);
  std::expected<void, Error> FoldAlias(const AliasChange& change, BlockSeq block, bool to_index, bool to_history);
  std::expected<void, Error> Fold(const LogBlock& block, BlockSeq index_from, BlockSeq history_from);

  const StoreOptions options;
  const Identity identity;
  const std::unique_ptr<Database> database;
  PostIndex index;
  AuditLog audit;
  AuthorRemovals removals;
  WebhookTable webhooks;
  FaspTable fasp;
  PostLog log;
  History history;
  EventLog events;
  BoardLog boards;
  Checkpoints checkpoints;
  Retention retention;
  // Set by the indexer thread.
  std::atomic<std::shared_ptr<const AliasGroups>> groups{std::make_shared<const AliasGroups>()};
  // Indexer thread. Records are folded in groups: enough to fetch memory for one while another is folded.
  static constexpr std::size_t kGroup = 32;
  Record record;
  std::array<Record, kGroup> group;  // reused, with their vectors of mentions
  std::array<std::uint32_t, kGroup> indices{};
  BlockSeq indexed_at_open{0};  // how far the files on the disk had come
  BlockSeq folded_at_open{0};
  std::atomic<std::uint64_t> free_bytes{0};
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;

std::expected<std::unique_ptr<Store>, Error> Store::Open(const StoreOptions& options) {
  auto store = OpenLog(options);
  if (!store) return store;
  if (auto caught_up = (*store)->CatchUp(); !caught_up) return std::unexpected(caught_up.error());
  return store;
}

std::expected<std::unique_ptr<Store>, Error> Store::OpenLog(const StoreOptions& options) {
  if (auto valid = options.Validate(); !valid) return std::unexpected(valid.error());
  auto database = Database::Open(options);
  if (!database) return std::unexpected(database.error());
  auto identity = Identify(**database, options);
  if (!identity) return std::unexpected(identity.error());
  auto state = std::make_unique<State>(options, std::move(*database), std::move(*identity));
  if (auto opened = state->OpenParts(); !opened) return std::unexpected(opened.error());
  std::unique_ptr<Store> store(new Store(std::move(state)));
  store->RefreshFreeBytes();
  return store;
}

std::expected<void, Error> Store::CatchUp() {
  return state_->CatchUp();
}

std::expected<void, Error> Store::State::OpenParts() {
  if (auto opened = audit.Open(); !opened) return opened;
  if (auto opened = removals.Open(); !opened) return opened;
  if (auto opened = log.Open(); !opened) return opened;
  if (auto opened = events.Open(); !opened) return opened;
  if (auto opened = boards.Open(); !opened) return opened;
  const auto indexed = index.Open();
  if (!indexed) return std::unexpected(indexed.error());
  const auto folded = history.Open();
  if (!folded) return std::unexpected(folded.error());
  const auto kept = checkpoints.Kept();
  if (!kept) return std::unexpected(kept.error());
  // Each of them was written after a sync of the log that it was made from.
  const BlockSeq covered = std::max({*indexed, *folded, kept->empty() ? BlockSeq{0} : kept->back()});
  if (covered > log.LastSeq()) {
    const auto number = [](BlockSeq seq) { return std::to_string(static_cast<std::uint64_t>(seq)); };
    return std::unexpected(Error{.code = "corrupt_log",
                                 .detail = "the log ends with block " + number(log.LastSeq()) + ", and block " +
                                           number(covered) + " was on the disk: acknowledged posts are lost"});
  }

  indexed_at_open = *indexed;
  folded_at_open = *folded;
  return {};
}

std::expected<void, Error> Store::State::CatchUp() {
  if (auto restored = RestoreGroups(std::min(indexed_at_open, folded_at_open)); !restored) return restored;
  if (auto loaded = index.LoadFilters(); !loaded) return loaded;
  std::expected<void, Error> result;
  const auto read = log.Read(Next(std::min(indexed_at_open, folded_at_open)), [&](const LogBlock& block) {
    if (block.seq > indexed_at_open) result = Restore(block);
    if (result) result = Fold(block, Next(indexed_at_open), Next(folded_at_open));
    return result.has_value();
  });
  return read ? result : read;
}

// Brings the young index's keys back as the writer had them.
std::expected<void, Error> Store::State::Restore(const LogBlock& block) {
  std::uint64_t mentions = 0;
  Timestamp newest = kTimestampMin;
  for (std::uint32_t i = 0; i < block.size(); ++i) {
    if (auto size = DecodeRecord(block.RecordAt(i), record); !size) return std::unexpected(size.error());
    if (record.kind != RecordKind::kPost) continue;
    mentions += record.post.mentions.size();
    newest = std::max(newest, record.post.created_at);
    const PostKey key = KeyOf(record.post.source, record.post.id, identity.salt);
    if (auto restored = index.Restore(key, {.block = block.seq, .index = i}); !restored) return restored;
  }
  index.EndBlock(block.seq, block.clock, newest, mentions);
  return {};
}

std::expected<void, Error> Store::State::RestoreGroups(BlockSeq upto) {
  const auto blocks = log.AliasBlocks();
  if (!blocks) return std::unexpected(blocks.error());
  auto restored = std::make_shared<AliasGroups>();
  for (const BlockSeq seq : *blocks) {
    if (seq > upto) break;
    const auto block = log.Block(seq);
    if (!block) return std::unexpected(block.error());
    if (auto size = DecodeRecord((*block)->RecordAt(0), record); !size) return std::unexpected(size.error());
    if (record.alias) restored->Apply(*record.alias, static_cast<std::uint64_t>(seq));
  }
  groups = std::move(restored);
  return {};
}

// The past of a new group comes in whole before anybody looks for it under its key.
std::expected<void, Error> Store::State::FoldAlias(const AliasChange& change, BlockSeq block, bool to_index,
                                                   bool to_history) {
  auto changed = std::make_shared<AliasGroups>(*groups.load());
  changed->Apply(change, static_cast<std::uint64_t>(block));
  if (!change.removed) {
    AliasGroups one;
    one.Apply(change, static_cast<std::uint64_t>(block));
    std::vector<Position> positions;
    const auto found = EachPastPost(log, index, one, block, [&](const Record& of, Position position) {
      if (to_history) history.Fold(std::span(&of, 1));
      if (to_index) positions.push_back(position);
    });
    if (!found) return found;
    if (auto added = index.AddPast(one.all().begin()->second.key, positions); !added) return added;
  }
  groups = std::move(changed);
  return {};
}

// Each record is decoded once for the topic index and the history; one without mentions is for neither.
std::expected<void, Error> Store::State::Fold(const LogBlock& block, BlockSeq index_from, BlockSeq history_from) {
  const bool to_index = block.seq >= index_from;
  const bool to_history = block.seq >= history_from;
  const std::shared_ptr<const AliasGroups> now = groups.load();  // a block that changes them holds no posts
  bool flush = false;
  std::size_t size = 0;  // of group, decoded and not yet folded
  const auto fold = [&] {
    const std::span<const Record> records = std::span(group).first(size);
    if (to_index) index.AddTopics(records, block.seq, std::span(indices).first(size));
    if (to_history) history.Fold(records);
    size = 0;
  };
  for (std::uint32_t i = 0; i < block.size(); ++i) {
    if (!HasMentions(block.RecordAt(i)) && !now->has_phrases() && !IsControl(block.RecordAt(i))) continue;
    if (auto decoded = DecodeRecord(block.RecordAt(i), group[size]); !decoded) return std::unexpected(decoded.error());
    if (group[size].alias) {
      if (auto folded = FoldAlias(*group[size].alias, block.seq, to_index, to_history); !folded) return folded;
      flush = to_history;
      continue;
    }
    now->Extend(group[size].post);
    if (group[size].post.mentions.empty()) continue;
    indices[size++] = i;
    if (size == kGroup) fold();
  }
  fold();
  // A full disk ends neither: both hold in memory what they could not write.
  const std::expected<void, Error> built = to_index ? index.BuildClosed(block.seq) : std::expected<void, Error>();
  std::expected<void, Error> ended = to_history ? history.EndBlock(block.seq) : std::expected<void, Error>();
  // The past of a group may be long, and is not to be gathered again.
  if (ended && to_history && flush) ended = history.Flush();
  return !built && built.error().code != "disk_full" ? built : !ended ? ended : built;
}

std::expected<void, Error> Store::IndexBlock(const LogBlock& block) {
  assert(block.seq == Next(state_->history.FoldedUpTo()));
  return state_->Fold(block, block.seq, block.seq);
}

std::expected<std::size_t, Error> Store::EraseRetracted() {
  const auto kept = state_->checkpoints.Kept();
  if (!kept) return std::unexpected(kept.error());
  if (kept->empty()) return 0;
  return state_->log.EraseUpTo(std::min(kept->front(), state_->history.FlushedUpTo()));
}

std::expected<Dropped, Error> Store::DropExpired(Timestamp now) {
  return state_->retention.Drop(now);
}

const std::string& Store::lost_end() const {
  return state_->database->lost_end();
}
HashSalt Store::salt() const {
  return state_->identity.salt;
}
const std::string& Store::epoch() const {
  return state_->identity.epoch;
}
AuthorRemovals& Store::removals() {
  return state_->removals;
}
AuditLog& Store::audit() {
  return state_->audit;
}
WebhookTable& Store::webhooks() {
  return state_->webhooks;
}
FaspTable& Store::fasp() {
  return state_->fasp;
}
PostLog& Store::log() {
  return state_->log;
}
PostIndex& Store::index() {
  return state_->index;
}
History& Store::history() {
  return state_->history;
}
EventLog& Store::events() {
  return state_->events;
}

BoardLog& Store::boards() {
  return state_->boards;
}
Checkpoints& Store::checkpoints() {
  return state_->checkpoints;
}

std::shared_ptr<const AliasGroups> Store::groups() const {
  return state_->groups.load();
}

void Store::RefreshFreeBytes() {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(state_->options.dir, error);
  // A file system that cannot be asked is taken for full: refusing writes is the safe side.
  state_->free_bytes = error ? 0 : space.available;
}

bool Store::FreeBytesLow() const {
  return state_->free_bytes < 3 * state_->options.write_buffer_bytes || state_->database->out_of_space();
}

bool Store::failed() const {
  return state_->database->failed();
}

std::expected<void, Error> Store::CheckpointTo(const std::filesystem::path& dir) {
  if (auto synced = state_->log.Sync(); !synced) return synced;
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(&state_->database->db(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(dir.string());
  if (!status.ok()) return std::unexpected(StorageError(status));
  return {};
}

StoreStats Store::Stats() const {
  StoreStats stats;
  for (std::size_t i = 0; i < kFamilies; ++i) {
    const Family family{static_cast<unsigned char>(i)};
    stats.sorted_bytes += state_->database->Property(family, "rocksdb.total-sst-files-size");
    stats.memtable_bytes += state_->database->Property(family, "rocksdb.cur-size-all-mem-tables");
  }
  stats.block_cache_bytes = state_->database->Property(Family::kLog, "rocksdb.block-cache-usage");
  stats.index_bytes = state_->index.memory_bytes();
  stats.free_bytes = state_->free_bytes;
  return stats;
}

}  // namespace tagswell
